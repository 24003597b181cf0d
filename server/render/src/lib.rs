//! A document type's template and data become a PDF; glyphs become outlines.
