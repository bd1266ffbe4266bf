/**
 * Imported before `onnxruntime-node`, which reads it when it is loaded: releases from 1.30 on can send usage data to
 * their maker. Whoever wants that sets the variable to 0.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
