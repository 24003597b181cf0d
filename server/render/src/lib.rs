//! A document type's template and data become a PDF; glyphs become outlines.
//!
//! [`Renderer::pdf`] is the one way from template and data to a PDF; a server lets a [`Typesetter`] do it in processes of its own.
//! [`seal`] and [`stamp`] draw with paths only, so that what they make needs no font in the file it is put into.

mod fonts;
pub mod ink;
pub mod outline;
pub mod picture;
pub mod qr;
mod renderer;
pub mod seal;
pub mod stamp;
pub mod worker;
mod world;

pub use renderer::{Renderer, TemplateError};
pub use worker::{TypesetError, Typesetter};
