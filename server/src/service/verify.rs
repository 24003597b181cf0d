//! Validating any PDF against this authority.

use app::error::Code;
use bytes::Bytes;
use pades::Report;

use crate::App;
use crate::error::{Error, Result};
use crate::service::level;

/// The validation report of a PDF. `place` is held until the work is done.
///
/// # Errors
/// A file that cannot be read as a PDF.
pub async fn run(app: &App, pdf: Bytes, place: impl Send + 'static) -> Result<Report> {
    let trust = level::trust(app).await?;
    let judge = move || {
        let report = pades::verify(&pdf, &trust);
        drop(place);
        report
    };
    app.work(judge).await?.map_err(|error| {
        Error::new(Code::DocumentRefused, format!("This file cannot be read as a PDF: {error}."), format!("无法将该文件作为 PDF 读取：{error}。"))
            .next("Send the PDF itself, unchanged.", "请提交未经改动的 PDF 文件。")
    })
}
