//! Permission as a value: a pure table answers (caller, verb, subject) with a `Permit` or a refusal.
//!
//! Every service demands the `Permit` of its own verb. Only this file can make one, so forgetting the check does not compile.

use std::marker::PhantomData;

use app::error::Code;
use app::model::{Me, Status, TypeDefinition};

use crate::caller::{Caller, Person, Proof};
use crate::error::{Error, not_found};

/// Leave to do `V`, once, as this account.
#[derive(Debug)]
pub struct Permit<V> {
    person: Person,
    verb: PhantomData<V>,
}

impl<V> Permit<V> {
    /// The account that was permitted.
    pub fn person(&self) -> &Person {
        &self.person
    }
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What a caller may ask.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Verb { $($(#[$doc])* $name),* }

        impl Verb {
            /// Every verb, for the matrix.
            pub const ALL: &'static [Verb] = &[$(Verb::$name),*];
        }

        /// A verb as a type.
        pub trait Act {
            /// The verb's row in the table.
            const VERB: Verb;
        }

        $($(#[$doc])* #[derive(Debug)] pub struct $name;
        impl Act for $name { const VERB: Verb = Verb::$name; })*
    };
}

verbs! {
    /// Read a document, its file and its history.
    See,
    /// Sign or reject the open step.
    Decide,
    /// Take a document back.
    Withdraw,
    /// Make the next edition of a rejected document.
    Correct,
    /// Create a document of a type; preview it; ask who holds its matter.
    Submit,
    /// Read a type's definition.
    SeeType,
    /// Read one's own lists and mailbox, confirm arrivals.
    ReadOwn,
    /// Enrol, list and revoke one's own certificates.
    UseKeys,
    /// Design one's own seal.
    UseSeals,
    /// Make and end one's own tokens.
    UseTokens,
    /// Change one's own password.
    ChangePassword,
    /// Add and change people.
    ManageAccounts,
    /// See everyone's certificates and revoke them.
    ManageKeys,
    /// Import, preview and read the files of types.
    ManageTypes,
    /// Read every part's state.
    SeeHealth,
}

/// What the verb is done to.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// The caller's own things, or the whole system.
    Nothing,
    /// A type, seen from the caller.
    Type(TypeTie),
    /// A document, seen from the caller.
    Document(Standing),
}

/// What a caller is to a type.
#[derive(Clone, Copy, Debug, Default)]
pub struct TypeTie {
    /// Has one of the creators' roles.
    pub creates: bool,
    /// Is asked by one of its steps.
    pub approves: bool,
    /// Was granted to read it.
    pub reads: bool,
}

impl TypeTie {
    /// The tie between an account and a type.
    pub fn of(person: &Person, definition: &TypeDefinition) -> Self {
        let creates =
            if definition.creators.is_empty() { person.me.has_role("creator") } else { definition.creators.iter().any(|role| person.me.has_role(role)) };
        Self {
            creates,
            approves: definition.steps.iter().any(|step| asks(&step.role, &person.me)),
            reads: person.reads.iter().any(|code| code == definition.code.as_str()),
        }
    }
}

/// Whether a step's role, or `@login`, asks this account.
pub fn asks(role: &str, me: &Me) -> bool {
    role.strip_prefix('@').map_or_else(|| me.has_role(role), |login| login == me.login)
}

/// Where a document stands and what the caller is to it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact; the table below reads them together")]
pub struct Standing {
    /// The document's status.
    pub status: Status,
    /// Someone has signed this edition.
    pub signed_once: bool,
    /// The caller created it.
    pub creator: bool,
    /// A step that asks for the caller has opened, now or before.
    pub reached: bool,
    /// The open step asks for the caller and it has not decided.
    pub asked: bool,
    /// The caller was granted to read the type.
    pub reads: bool,
}

impl Standing {
    /// May the caller know that the document exists?
    pub fn visible(&self) -> bool {
        self.creator || self.reached || self.reads
    }
}

/// Asks for leave to do `V`.
///
/// # Errors
/// The refusal as the caller may know it; what may not be seen is `NotFound`.
pub fn permit<V: Act>(caller: &Caller, subject: Subject) -> Result<Permit<V>, Error> {
    let Some(person) = &caller.account else { return Err(sign_in_required()) };
    // A token that was copied must not outlive its end by making others, nor lock its owner out.
    if matches!(caller.session, Some(Proof::Token(_))) && matches!(V::VERB, Verb::UseTokens | Verb::ChangePassword) {
        return Err(Refusal::NotPermitted.into());
    }
    match judge(&person.me, V::VERB, subject) {
        Verdict::Yes => Ok(Permit { person: person.clone(), verb: PhantomData }),
        Verdict::No(refusal) => Err(refusal.into()),
    }
}

/// Whether the caller would get leave: what pages show as buttons.
pub fn allowed(person: &Person, verb: Verb, subject: Subject) -> bool {
    judge(&person.me, verb, subject) == Verdict::Yes
}

/// The table's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go ahead.
    Yes,
    /// No, and why.
    No(Refusal),
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Does not exist for the caller.
    NotFound,
    /// Visible, but not the caller's act.
    NotPermitted,
    /// The open step does not ask for the caller.
    NotYourStep,
    /// The caller's step was decided.
    AlreadyDecided,
    /// The document is in no state for it.
    WrongState(Status),
    /// Someone has signed, so it cannot be taken back.
    SignedAlready,
}

/// The table itself: pure, total, the same for pages, API and command line.
pub fn judge(me: &Me, verb: Verb, subject: Subject) -> Verdict {
    use Verdict::{No, Yes};
    match (verb, subject) {
        (Verb::ReadOwn | Verb::UseKeys | Verb::UseSeals | Verb::UseTokens | Verb::ChangePassword, Subject::Nothing) => Yes,
        (Verb::ManageAccounts | Verb::ManageKeys | Verb::ManageTypes | Verb::SeeHealth, Subject::Nothing) if me.admin => Yes,
        (Verb::ManageAccounts | Verb::ManageKeys | Verb::ManageTypes | Verb::SeeHealth, Subject::Nothing) => No(Refusal::NotPermitted),
        (Verb::SeeType, Subject::Type(tie)) if me.admin || tie.creates || tie.approves || tie.reads => Yes,
        (Verb::Submit, Subject::Type(tie)) if tie.creates => Yes,
        (Verb::Submit, Subject::Type(tie)) if me.admin || tie.approves || tie.reads => No(Refusal::NotPermitted),
        (Verb::See | Verb::Decide | Verb::Withdraw | Verb::Correct, Subject::Document(standing)) if standing.visible() => on_document(verb, standing),
        _ => No(Refusal::NotFound),
    }
}

/// The rows about a document that the caller may see.
fn on_document(verb: Verb, standing: Standing) -> Verdict {
    use Verdict::{No, Yes};
    match (verb, standing.status) {
        (Verb::See, _) => Yes,
        (Verb::Withdraw | Verb::Correct, _) if !standing.creator => No(Refusal::NotPermitted),
        (Verb::Withdraw, Status::Pending) if standing.signed_once => No(Refusal::SignedAlready),
        (Verb::Withdraw, Status::Pending | Status::Rejected) | (Verb::Correct, Status::Rejected) => Yes,
        (Verb::Withdraw | Verb::Correct, status) => No(Refusal::WrongState(status)),
        (_, Status::Withdrawn) => No(Refusal::WrongState(Status::Withdrawn)),
        (_, Status::Pending) if standing.asked => Yes,
        (..) if standing.reached => No(Refusal::AlreadyDecided),
        (..) => No(Refusal::NotYourStep),
    }
}

/// The caller has to sign in first.
pub fn sign_in_required() -> Error {
    Error::new(Code::SignInRequired, "You are not signed in, or your session has ended. Nothing was changed.", "您尚未登录，或登录已失效。数据没有变化。")
        .next("Sign in and try again.", "请登录后重试。")
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => not_found(),
            Refusal::NotPermitted => {
                Error::new(Code::NotPermitted, "Your account may not do this. Nothing was changed.", "您的账号没有此项权限，数据没有变化。")
                    .next("Ask an administrator if you should be able to.", "如确需此权限，请联系管理员。")
            }
            Refusal::NotYourStep => {
                Error::new(Code::NotYourStep, "The open step does not ask for you. Nothing was changed.", "当前环节不由您审批，数据没有变化。")
                    .next("Wait until it reaches you; it will be in your inbox then.", "请等待单据流转到您，届时会出现在您的待办中。")
            }
            Refusal::AlreadyDecided => already_decided(),
            Refusal::SignedAlready => Error::new(
                Code::WrongState,
                "Someone has sealed this document already, so it cannot be taken back. Nothing was changed.",
                "已有审批人签章，单据不能撤回，数据没有变化。",
            )
            .next("Ask an approver to reject it; then it can be corrected or withdrawn.", "请联系审批人驳回，之后即可更正或撤回。"),
            Refusal::WrongState(status) => {
                let (en, zh) = status_words(status);
                Error::new(
                    Code::WrongState,
                    format!("This document is {en}; that act is not possible now. Nothing was changed."),
                    format!("该单据{zh}，现在不能进行此操作，数据没有变化。"),
                )
                .next("Look at the document's page for what is possible.", "请在单据页面查看可进行的操作。")
            }
        }
    }
}

/// The step was decided by someone, perhaps just now.
pub fn already_decided() -> Error {
    Error::new(Code::AlreadyDecided, "This step has been decided already. Your decision was not added.", "该环节已有审批结果，您的决定没有写入。")
        .next("Open the document to see who decided and how.", "请打开单据查看审批人和结果。")
}

fn status_words(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Pending => ("pending", "正在审批"),
        Status::Signed => ("signed", "已完成签章"),
        Status::Rejected => ("rejected", "已被驳回"),
        Status::Withdrawn => ("withdrawn", "已撤回"),
    }
}

#[cfg(test)]
#[path = "permission_tests.rs"]
mod tests;
