/** SHA-256 of `cppn.onnx`; written by `scripts/write-cppn.ts`. */
export const cppnSha256 = 'f785c1eb9d84ad33f88f1162494298e09c007ad80fdae78c0fba16a3f698417c';
