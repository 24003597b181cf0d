//! What is made of uploads, kind by kind.
