//! The document that programs are written by, before a stranger's judge.

use std::collections::BTreeSet;
use std::process::Command;

use server::rest::openapi::DOCUMENT;

#[test]
fn the_document_is_valid_to_a_stranger() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, DOCUMENT.to_string()).unwrap();
    let python = std::env::var("SIGNET_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).args(["-m", "openapi_spec_validator"]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

/// Names that a program's functions get; answers to whoever is not signed in; bytes as bytes.
#[test]
fn every_call_has_a_name_of_its_own_and_tells_its_refusals() {
    let mut names = BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            let name = call["operationId"].as_str().unwrap();
            assert!(name.len() > 5 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
            assert!(names.insert(name), "{name} twice");
            let answers = &call["responses"];
            assert!(call.get("security").is_some() || answers.get("401").is_some(), "{method} {path}");
            for (media_type, body) in call["requestBody"]["content"].as_object().into_iter().flatten() {
                let of_bytes = !media_type.ends_with("json") && !media_type.starts_with("multipart/");
                assert!(!of_bytes || body["schema"]["format"] == "binary", "{method} {path} {media_type}");
                for status in ["400", "403", "408", "413", "415", "422"] {
                    assert!(answers.get(status).is_some(), "{method} {path} {status}");
                }
            }
        }
    }
    assert!(names.len() >= 33, "{}", names.len());
}
