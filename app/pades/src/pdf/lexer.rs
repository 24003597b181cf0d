//! Tokens and objects out of bytes.
