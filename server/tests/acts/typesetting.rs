//! Templates that take all they can get end their own process and nothing else; workers that somebody ends cost nobody a document.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use app::error::Code;
use app::model::TypeFiles;
use render::{TypesetError, Typesetter};
use serde_json::json;
use support::machine;
use support::world::{World, claim};

const CLOCK: i64 = 1_795_428_000;
/// Lists of ten thousand million places.
const GREEDY: &str = "#((1,) * 10000000000).len()";
/// Loops that ask nothing of anybody, so that nothing but an end of the process ends them.
const ENDLESS: &str = "#{ for i in range(100000) { for j in range(100000) { let x = calc.sin(i * j) } } }";

fn tried(typesetter: &Typesetter, template: &str) -> Result<Vec<u8>, TypesetError> {
    typesetter.tried(template, &json!({ "number": "EXP-2026-000001", "edition": 1 }), &[], CLOCK)
}

/// The processes of [`workers_are_used_again_and_missed_by_nobody_when_they_are_killed`].
fn workers() -> BTreeSet<u32> {
    let is_own = |id: &u32| std::fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|words| words == b"signet\0own\0");
    machine::children(std::process::id()).into_iter().filter(is_own).collect()
}

#[test]
fn what_takes_too_much_ends_its_worker_and_names_its_line() {
    let typesetter = machine::typesetter().with_time_limit(Duration::from_secs(3));
    let blamed = |bad: &str| match tried(&typesetter, &format!("= Heading\n#let one = 1\n\nWords, #one\n{bad}\n\nMore words")) {
        Err(TypesetError::Template(error)) => error,
        other => panic!("{bad}: {other:?}"),
    };
    for (bad, word) in [(GREEDY, "memory"), (ENDLESS, "too long"), ("#let f(x) = f(x)\n#f(1)", "depth")] {
        let error = blamed(bad);
        // Typst itself says where the recursion is.
        assert_eq!((error.line, error.text.contains(word)), (Some(5), true), "{bad}: {error}");
    }
    // Growing step by step meets the kernel's limit as one large wish does.
    let grown = blamed("#{ let a = (\"x\",); while a.len() < 100000000000 { a = a + a } }");
    assert!(grown.text.contains("memory") && grown.line == Some(5), "{grown}");
    assert!(tried(&typesetter, "Words").unwrap().starts_with(b"%PDF-"));
}

#[test]
fn a_template_that_is_a_single_bad_line_is_line_one() {
    let Err(TypesetError::Template(error)) = tried(&machine::typesetter(), GREEDY) else { panic!("{GREEDY} was laid out") };
    assert_eq!(error.line, Some(1));
}

#[test]
fn workers_are_used_again_and_missed_by_nobody_when_they_are_killed() {
    // Workers of its own, which no other test takes or counts.
    let typesetter = Typesetter::new(machine::built().join("typesetter"), "own");
    tried(&typesetter, "one").unwrap();
    let first = workers();
    assert_eq!(first.len(), 1);
    tried(&typesetter, "two").unwrap();
    assert_eq!(workers(), first, "the same one");
    for id in &first {
        assert!(Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap().success());
    }
    assert!(tried(&typesetter, "three").unwrap().starts_with(b"%PDF-"));
    assert!(workers().is_disjoint(&first));
    drop(typesetter);
    assert_eq!(workers(), BTreeSet::new(), "the last one ends them");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_greedy_template_is_refused_with_its_line_while_documents_are_made() {
    let world = World::new().await;
    let files = server::types::shipped::all().into_iter().find(|files| files.definition.contains("EXP")).unwrap();
    let template = files.template.clone().unwrap();
    let line = template.lines().count() + 1;
    let greedy = TypeFiles { template: Some(format!("{}\n{GREEDY}", template.trim_end())), ..files };
    let admin = world.desk("admin").await;
    let begun = Instant::now();
    let (refused, ()) = tokio::join!(admin.preview_type(greedy.clone()), async {
        for n in 0..3 {
            world.claim(&format!("INV-{n}"), "128.00").await;
        }
    });
    let error = refused.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
    assert!(error.fields["template"].contains(&format!("line {line}")), "{error:?}");
    assert!(begun.elapsed() < Duration::from_mins(1));
    // Nor can it be imported.
    assert_eq!(admin.import_type(None, greedy).await.unwrap_err().code, Code::InvalidInput);
    assert!(world.desk("li.na").await.preview(claim("INV-9", "10"), None).await.unwrap().starts_with(b"%PDF-"));
}
