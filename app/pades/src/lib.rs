//! PAdES signatures in PDF: deterministic, the same bytes in wasm and natively.
