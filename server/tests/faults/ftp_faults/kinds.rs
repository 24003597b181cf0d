//! The kinds of faults.

use support::line::{Break, Cut, Where};
use support::scripted::{At, Fault, How};

/// One way to fail.
pub struct Kind {
    pub name: String,
    /// What the scripted server does.
    pub fault: Option<Fault>,
    /// What the line to a real server does.
    pub line: Option<Break>,
    /// Ends all sessions before, so that the next act has to sign in.
    pub afresh: bool,
    /// The certificate shown meanwhile: for these names, for so many days.
    pub certificate: Option<(&'static str, &'static str)>,
}

use At::{Command, Done, Download, Greeting, Handshake, Upload};
use How::*;

const ALWAYS: u32 = u32::MAX;

fn kind(at: At, how: How, times: u32) -> Kind {
    let afresh = matches!(at, Greeting | Handshake | Command("USER" | "PASS" | "TYPE" | "AUTH" | "PBSZ" | "PROT"));
    let often = if times == ALWAYS { String::new() } else { format!(", {times} times") };
    Kind { name: format!("{at:?} {how:?}{often}"), fault: Some(Fault { at, how, times }), line: None, afresh, certificate: None }
}

/// On a connection without TLS.
pub fn plain() -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut always = |at, how| kinds.push(kind(at, how, ALWAYS));
    // Before anyone is signed in.
    for how in [
        Say("421 too many users\r\n"),
        Say("\u{16}\u{3}garbage and no digits\r\n"),
        Say("220 no line end, then silence"),
        Before("120 ready in a minute\r\n"),
        DoneSay("220 he\0llo\r\n"),
        DoneSay("220-one\r\n two\r\n220 three\r\n"),
        Endless("220-and another thing\r\n"),
        Endless("a line without an end "),
        Close,
        Reset,
        Stall,
        Split(2),
    ] {
        always(Greeting, how);
    }
    for how in [Say("530 not you\r\n"), Say("421 closing\r\n"), Stall] {
        always(Command("USER"), how);
    }
    for how in [Say("530 the maximum number of clients is connected\r\n"), Say("530 Login incorrect.\r\n"), Reset, DoneSay("332 need an account\r\n")] {
        always(Command("PASS"), how);
    }
    always(Command("TYPE"), Say("504 only text here\r\n"));
    always(Command("TYPE"), Say("421 closing\r\n"));
    // The way to the data.
    for how in [
        Say("500 unknown\r\n"),
        Say("421 closing\r\n"),
        Say("229 nonsense\r\n"),
        Say("229 (|||99999999|)\r\n"),
        DoneSay("229 Extended (|1|192.0.2.1|9|)\r\n"),
        Elsewhere,
        DoneSay("229 (|||1|)\r\n"),
        DoneSay("227 Entering Passive Mode (192,0,2,1,1,1)\r\n"),
        Behind("200 one reply more\r\n"),
        Split(1),
        Stall,
    ] {
        always(Command("EPSV"), how);
    }
    // Taking bytes.
    for how in [
        Say("421 closing\r\n"),
        Say("450 busy\r\n"),
        Say("451 local error\r\n"),
        Say("452 no space\r\n"),
        Say("532 need an account\r\n"),
        Say("550 no\r\n"),
        Say("552 quota\r\n"),
        Say("553 bad name\r\n"),
        Close,
    ] {
        always(Command("STOR"), how);
    }
    for how in [
        Refused,
        Truncate(1000),
        CutReset(1000),
        CutSay(1000, "226 stored\r\n"),
        CutSay(1000, "426 cut\r\n"),
        CutSay(1000, "451 local error\r\n"),
        CutSay(1000, "452 no space\r\n"),
        CutSay(1000, "552 quota\r\n"),
        CutStall(1000),
        Flip,
        Other,
        Longer,
        Drip(20),
    ] {
        always(Upload, how);
    }
    for how in [
        Close,
        DoneReset,
        DoneStall,
        DoneSay("426 cut\r\n"),
        DoneSay("\0\0\0\r\n"),
        DoneSay("226-and\r\n"),
        Behind("226 and once more\r\n"),
        Before("200 that was for another command\r\n"),
        Endless("226-stored and\r\n"),
        Split(1),
    ] {
        always(Done("STOR"), how);
    }
    for how in [Say("550 gone\r\n"), Say("421 closing\r\n"), Close] {
        always(Command("MKD"), how);
    }
    // Asking for the size.
    for how in [
        Say("550 no such file\r\n"),
        DoneSay("213 7\r\n"),
        DoneSay("213 seven\r\n"),
        DoneSay("213 -1\r\n"),
        DoneSay("213 99999999999999999999999\r\n"),
        DoneSay("250 that was for another command\r\n"),
        Behind("213 7\r\n"),
        Say("421 closing\r\n"),
        Close,
    ] {
        always(Command("SIZE"), how);
    }
    // Giving the bytes back.
    for how in [Say("421 closing\r\n"), Say("450 busy\r\n"), Say("550 no such file\r\n"), Reset] {
        always(Command("RETR"), how);
    }
    for how in [Refused, Truncate(1000), Truncate(0), CutReset(1000), CutSay(1000, "451 local error\r\n"), CutStall(1000), Flip, Other, Longer, Drip(20)] {
        always(Download, how);
    }
    for how in [Close, DoneStall, DoneSay("426 cut\r\n"), Behind("226 and once more\r\n"), Before("200 that was for another command\r\n")] {
        always(Done("RETR"), how);
    }
    // The final name.
    for how in [Say("550 no such file\r\n"), Say("421 closing\r\n"), Close] {
        always(Command("RNFR"), how);
    }
    for how in [
        Say("250 renamed, so to speak\r\n"),
        Say("553 bad name\r\n"),
        Say("421 closing\r\n"),
        Say("451 across file systems\r\n"),
        DoneSay("550 but it was\r\n"),
        DoneClose,
        DoneReset,
        DoneStall,
        Stall,
    ] {
        always(Command("RNTO"), how);
    }
    // Once: what a restart or a hiccup of the line does. Sessions that were open when it began are meant.
    for (at, how) in [
        (Greeting, Say("421 too many users\r\n")),
        (Command("EPSV"), Close),
        (Command("STOR"), Say("421 closing\r\n")),
        (Upload, CutReset(5000)),
        (Upload, Flip),
        (Done("STOR"), Close),
        (Command("SIZE"), Reset),
        (Download, CutReset(5000)),
        (Download, Flip),
        (Command("RNFR"), Close),
        (Command("RNTO"), DoneClose),
        (Command("RNTO"), DoneStall),
        (Command("RNTO"), Say("250 renamed, so to speak\r\n")),
    ] {
        kinds.push(kind(at, how, 1));
    }
    kinds
}

/// On a connection that is to be TLS.
pub fn secure() -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut always = |at, how| kinds.push(kind(at, how, ALWAYS));
    for how in [Say("504 no TLS here\r\n"), Say("421 closing\r\n"), Say("234 go on\r\n500 or not\r\n"), Close, Stall] {
        always(Command("AUTH"), how);
    }
    for how in [
        // A fatal alert: handshake_failure.
        Noise(b"\x15\x03\x03\x00\x02\x02\x28"),
        Noise(b"500 what was that?\r\n"),
        Close,
        Stall,
    ] {
        always(Handshake, how);
    }
    always(Command("PBSZ"), Say("503 AUTH first\r\n"));
    always(Command("PROT"), Say("536 only in the clear\r\n"));
    for at in [Upload, Download] {
        for how in [Plain, CutReset(1000), Truncate(1000), Flip] {
            always(at, how);
        }
    }
    for (name, names, days) in [
        ("a certificate that has ended", "DNS:localhost", "-1"),
        ("a certificate of another name", "DNS:files.example.org", "2"),
        ("a stranger's certificate", "DNS:localhost", "2"),
    ] {
        kinds.push(Kind { name: name.to_owned(), fault: None, line: None, afresh: true, certificate: Some((names, days)) });
    }
    kinds
}

/// On the line to a real server.
pub fn broken_line() -> Vec<Kind> {
    use Where::{After, Before, Connect, Data, Down, Up};
    let places = [
        Connect,
        Before("PASS"),
        After("PASS"),
        After("EPSV"),
        Data,
        Before("STOR"),
        Up(0),
        Up(20_000),
        Down(0),
        Down(20_000),
        After("SIZE"),
        Before("RNFR"),
        After("RNFR"),
        Before("RNTO"),
        After("RNTO"),
    ];
    let mut kinds = Vec::new();
    for at in places {
        for (cut, times) in [(Cut::End, ALWAYS), (Cut::Reset, ALWAYS), (Cut::Silence, ALWAYS), (Cut::Reset, 1)] {
            let often = if times == 1 { ", once" } else { "" };
            let afresh = matches!(at, Connect | Before("PASS") | After("PASS"));
            kinds.push(Kind { name: format!("{at:?} {cut:?}{often}"), fault: None, line: Some(Break { at, cut, times }), afresh, certificate: None });
        }
    }
    kinds
}
