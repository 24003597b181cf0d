//! Names and addresses: only what every server keeps as it is.

use std::path::Path;

use server::store::{PathError, StoreConfig, StorePath, VolumeName};

use crate::store::world::path;

#[test]
fn paths_have_an_alphabet() {
    assert_eq!(path("EXP/2026/11/EXP-2026-000123/1-1-9f2c41d0a7b3.pdf").name(), "1-1-9f2c41d0a7b3.pdf");
    assert_eq!(path("EXP/a_b.pdf").folder(), "EXP");
    assert_eq!(StorePath::new(["EXP", "2026", "a.pdf"]).unwrap(), path("EXP/2026/a.pdf"));
    let long = "a".repeat(101);
    let deep = ["a".repeat(90), "b".repeat(90), "c".repeat(30)].join("/");
    for (text, problem) in [
        ("", PathError::Empty),
        ("/a.pdf", PathError::Empty),
        ("a//b.pdf", PathError::Empty),
        ("a/", PathError::Empty),
        ("..", PathError::FirstByte),
        ("a/../b.pdf", PathError::FirstByte),
        (".t-a.pdf-1", PathError::FirstByte),
        ("a/-la", PathError::FirstByte),
        ("a b.pdf", PathError::Alphabet),
        ("a\r\nDELE b.pdf", PathError::Alphabet),
        ("a\0b.pdf", PathError::Alphabet),
        ("a\\b.pdf", PathError::Alphabet),
        ("报销单.pdf", PathError::Alphabet),
        (long.as_str(), PathError::TooLong),
        (&long[..97], PathError::TooLong),
        (deep.as_str(), PathError::TooLong),
    ] {
        assert_eq!(text.parse::<StorePath>(), Err(problem), "{text:?}");
    }
    // A part with a slash in it is not two parts.
    assert_eq!(StorePath::new(["a/b", "c.pdf"]), Err(PathError::Alphabet));
}

#[test]
fn a_bad_address_stops_with_one_clear_line() {
    for url in [
        "nonsense",
        "sftp://u:p@localhost/",
        "ftp://u:p@files.example.org/",
        "ftp://u:p@192.0.2.1/",
        "ftp://localhost/",
        "ftp://u@localhost/",
        "ftp://u:p%0d%0aDELE@localhost/",
        "ftp://u:p%00@localhost/",
        "ftp://u:p@localhost/a%2fb/",
        "ftp://u:p@localhost/%2e%2e%2fb",
        "ftp://u:p@localhost/?x",
        "ftps://u:p@localhost/../x%01",
    ] {
        let problem = StoreConfig::parse(url, None).expect_err(url).to_string();
        assert!(problem.starts_with("SIGNET_FTP_URL") && !problem.contains('\n'), "{url}: {problem}");
    }
    let ca = StoreConfig::parse("ftps://u:p@files.example.org/", Some(Path::new("/nowhere.pem"))).unwrap_err();
    assert!(ca.to_string().starts_with("SIGNET_FTP_CA /nowhere.pem"), "{ca}");
    let config = StoreConfig::parse("ftp://li:hidden%40word@127.0.0.1:2121/signet", None).unwrap();
    assert_eq!(config.address(), "ftp://127.0.0.1:2121/signet/");
    assert!(!format!("{config:?}").contains("hidden"));
}

#[test]
fn a_path_says_its_volume_unless_that_is_main() {
    let (main, archive) = (VolumeName::main(), "archive2".parse::<VolumeName>().unwrap());
    let plain = path("EXP/2026/11/EXP-2026-000123/1-0-9f2c.pdf");
    assert_eq!((plain.volume(), plain.below()), ("main", plain.as_str()));
    let other = plain.on(&archive);
    assert_eq!(other.as_str(), "archive2:EXP/2026/11/EXP-2026-000123/1-0-9f2c.pdf");
    assert_eq!((other.volume(), other.below(), other.folder(), other.name()), ("archive2", plain.as_str(), plain.folder(), plain.name()));
    assert_eq!(path(other.as_str()), other);
    assert_eq!((other.on(&main), other.on(&archive), plain.on(&main)), (plain.clone(), other.clone(), plain.clone()));
    for text in ["main:a.pdf", ":a.pdf", "A:a.pdf", "a-b:a.pdf", "abcdefghijklmnopqrstu:a.pdf", "../b:a.pdf", "a/b:c.pdf"] {
        assert_eq!(text.parse::<StorePath>(), Err(PathError::Volume), "{text:?}");
    }
    assert_eq!("archive2:a:b".parse::<StorePath>(), Err(PathError::Alphabet));
    assert_eq!("archive2:/a".parse::<StorePath>(), Err(PathError::Empty));
    assert_eq!("archive2:".parse::<StorePath>(), Err(PathError::Empty));
}

#[test]
fn an_address_of_another_volume_is_refused_by_its_own_variable() {
    let archive: VolumeName = "archive2".parse().unwrap();
    let url = StoreConfig::of_volume(&archive, "ftp://u:p@files.example.org/", None).unwrap_err().to_string();
    assert!(url.starts_with("SIGNET_FTP_ARCHIVE2_URL is plain ftp://"), "{url}");
    let ca = StoreConfig::of_volume(&archive, "ftps://u:p@files.example.org/", Some(Path::new("/nowhere.pem"))).unwrap_err().to_string();
    assert!(ca.starts_with("SIGNET_FTP_ARCHIVE2_CA /nowhere.pem"), "{ca}");
}
