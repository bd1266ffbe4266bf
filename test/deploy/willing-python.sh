#!/bin/sh
# Stands in for a Python whose FastVideo takes every config.
echo '{"refusals": []}'
