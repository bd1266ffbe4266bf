import * as z from 'zod';

// The page's security policy forbids code made at run time, which zod would otherwise try as soon as a schema is
// built. This module is imported before every schema.
z.config({ jitless: true });
