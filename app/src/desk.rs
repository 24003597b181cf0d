//! The one door from the app to the server: what a signed-in caller may ask, as traits per noun.
//!
//! The server implements these for one caller at a time (`server/src/desk.rs`): permission, then one service, then the error
//! in the caller's language. Pages reach it through `api`, the public API directly; so both obey the same rules.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;

use crate::error::AppResult;
use crate::model::{
    Account, AccountChange, Certificate, Delivery, DemoAccount, Document, DocumentView, Enrolment, Event, Health, Issued, Lang, Mailbox, Me, NewDocument,
    Number, Offer, Page, Placement, Query, Renewal, SealDesign, SealPicture, SealView, Seen, Sha256, SignIn, SignatureDecision, Signing, Submitted, Token,
    TypeCode, TypeDefinition, TypeFiles, TypeSummary, Waiting,
};

/// A stored file on its way out: its digest and length are known before, and checked on the way.
pub struct StoredFile {
    /// Digest of the whole.
    pub sha256: Sha256,
    /// Name to save it under, `EXP-2026-000123.pdf`.
    pub name: String,
    /// The whole, hash checked.
    pub bytes: Bytes,
}

/// A stored file that may be too large for the memory. Its hash was checked before the first byte is handed on.
pub struct OpenFile {
    /// Digest of the whole.
    pub sha256: Sha256,
    /// Name to save it under, `EXP-2026-000123.pdf`.
    pub name: String,
    /// Length in bytes.
    pub size: u64,
    /// The bytes.
    pub content: FileContent,
}

/// A picture out of a field.
pub struct PictureFile {
    /// Digest of the whole.
    pub sha256: Sha256,
    /// `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    /// The whole.
    pub bytes: Bytes,
}

/// Where the bytes of an [`OpenFile`] are.
pub enum FileContent {
    /// In memory.
    Memory(Bytes),
    /// In a file without a name on the server's own disk, gone when it is closed.
    Disk(std::fs::File),
}

/// A new session: the secret goes into the cookie and nowhere else.
pub struct NewSession {
    /// 256 random bits, base64url.
    pub secret: String,
    /// Seconds until it ends at the latest.
    pub lifetime: u64,
    /// What the browser is known by at the next sign-in, where it is not yet: 256 random bits, base64url.
    pub device: Option<String>,
    /// Who it is.
    pub me: Me,
}

/// What happens, as it happens.
pub enum News {
    /// A result came back to the caller.
    Delivery(Delivery),
    /// Others wait for the caller's decision than before.
    Waiting(Waiting),
}

/// News as they come.
pub type NewsStream = Pin<std::boxed::Box<dyn Stream<Item = AppResult<News>> + Send>>;

/// Who is there, and coming and going.
#[async_trait]
pub trait SessionDesk {
    /// The language the caller reads.
    fn lang(&self) -> Lang;
    /// The signed-in account, if any.
    fn me(&self) -> Option<Me>;
    /// Signs in by password. Ends the session the request came with.
    async fn sign_in(&self, entered: SignIn) -> AppResult<NewSession>;
    /// Ends the caller's session.
    async fn sign_out(&self) -> AppResult<()>;
    /// Changes the caller's password; ends all its sessions, and its access tokens unless they are to be kept.
    async fn change_password(&self, old: String, new: String, keep_tokens: bool) -> AppResult<()>;
    /// Accounts to try; empty unless the server runs in demo mode.
    async fn demo_accounts(&self) -> AppResult<Vec<DemoAccount>>;
}

/// Documents: create, find, read, take back, correct.
#[async_trait]
pub trait DocumentDesk {
    /// Documents the caller may see.
    async fn documents(&self, query: Query) -> AppResult<Page<Document>>;
    /// The same with no more of the values than a list shows (`LISTED_VALUES`).
    async fn listed(&self, query: Query) -> AppResult<Page<Document>>;
    /// One document.
    async fn document(&self, number: Number) -> AppResult<Document>;
    /// One document with all its page shows. Pictures are there by their addresses.
    async fn view(&self, number: Number) -> AppResult<DocumentView>;
    /// The picture in a field of the current edition.
    async fn picture(&self, number: Number, key: String) -> AppResult<PictureFile>;
    /// Its history, oldest first.
    async fn events(&self, number: Number) -> AppResult<Vec<Event>>;
    /// A revision of the current edition; the newest where none is named.
    async fn file(&self, number: Number, revision: Option<u32>) -> AppResult<StoredFile>;
    /// The same for sending it on: a large one is not brought into the memory.
    async fn open_file(&self, number: Number, revision: Option<u32>) -> AppResult<OpenFile>;
    /// Creates a document. `file` is the PDF for upload types. `key` is the `Idempotency-Key`.
    async fn submit(&self, new: NewDocument, file: Option<Bytes>, key: Option<String>) -> AppResult<Submitted>;
    /// The PDF as it would be, without number, row or file.
    async fn preview(&self, new: NewDocument, file: Option<Bytes>) -> AppResult<Bytes>;
    /// The live document that holds the matter of these fields, if the caller's would collide. Another's is named by number only.
    async fn matter_holder(&self, new: NewDocument) -> AppResult<Option<Number>>;
    /// Takes it back.
    async fn withdraw(&self, number: Number) -> AppResult<Document>;
    /// The next edition of a rejected one.
    async fn correct(&self, number: Number, new: NewDocument, file: Option<Bytes>, key: Option<String>) -> AppResult<Submitted>;
}

/// Decisions.
#[async_trait]
pub trait ApprovalDesk {
    /// How many documents wait for the caller, in a few bytes.
    async fn waiting(&self) -> AppResult<Waiting>;
    /// What any signing program needs to know.
    async fn signing(&self, number: Number) -> AppResult<Signing>;
    /// What the server will accept from its own page: a row of its own with field, seal, time and approver. `serial` names the signing certificate.
    async fn offer(&self, number: Number, revision: u32, serial: String, placement: Option<Placement>) -> AppResult<Offer>;
    /// Signs by the CMS alone, over the offer's revision.
    async fn sign(&self, decision: SignatureDecision) -> AppResult<Document>;
    /// Signs by a whole PDF (`appended` false) or the appended bytes, made by another program.
    async fn sign_outside(&self, number: Number, revision: u32, body: Bytes, appended: bool) -> AppResult<Document>;
    /// Rejects with a reason.
    async fn reject(&self, number: Number, seen: Seen, reason: String) -> AppResult<Document>;
}

/// The mailbox.
#[async_trait]
pub trait MailboxDesk {
    /// Newest first, for the page.
    async fn mailbox(&self) -> AppResult<Mailbox>;
    /// In order after `after`, for programs.
    async fn deliveries(&self, after: Option<String>, limit: Option<u32>) -> AppResult<Page<Delivery>>;
    /// Deliveries in order after `after`, then live; with `inbox` also what waits for the caller, at first and whenever it changes. Ends when the
    /// caller's session or permission ends.
    async fn news(&self, after: Option<String>, inbox: bool) -> AppResult<NewsStream>;
    /// Everything up to `cursor` has arrived.
    async fn mark_read(&self, cursor: String) -> AppResult<()>;
}

/// Keys, certificates, tokens.
#[async_trait]
pub trait KeyDesk {
    /// The caller's certificates, newest first.
    async fn certificates(&self) -> AppResult<Vec<Certificate>>;
    /// Grants a PKCS#10 request (PEM or DER) after checking proof of possession.
    async fn enrol(&self, request: Bytes, device: String) -> AppResult<Enrolment>;
    /// The same for a key that takes the place of an older one, which signed the request.
    async fn renew(&self, request: Bytes, device: String, renewal: Renewal) -> AppResult<Enrolment>;
    /// Says of a new key that it is the caller's own.
    async fn confirm_key(&self, serial: String) -> AppResult<Certificate>;
    /// Revokes one of the caller's certificates. `reason` is RFC 5280's word or words of one's own, `note` what else is to be kept.
    async fn revoke(&self, serial: String, reason: String, note: Option<String>) -> AppResult<Certificate>;
    /// The caller's API tokens.
    async fn tokens(&self) -> AppResult<Vec<Token>>;
    /// Makes a token and returns its secret, which is never shown again.
    async fn create_token(&self, label: String) -> AppResult<String>;
    /// Ends a token.
    async fn delete_token(&self, id: String) -> AppResult<()>;
}

/// The caller's seal.
#[async_trait]
pub trait SealDesk {
    /// The design on the account and how it looks.
    async fn seal(&self) -> AppResult<SealView>;
    /// How a design would look; nothing is kept.
    async fn draw_seal(&self, design: SealDesign) -> AppResult<SealPicture>;
    /// Keeps a design for the caller's next signatures.
    async fn save_seal(&self, design: SealDesign) -> AppResult<SealView>;
}

/// Types.
#[async_trait]
pub trait TypeDesk {
    /// Types the caller may use.
    async fn types(&self) -> AppResult<Vec<TypeSummary>>;
    /// One type.
    async fn definition(&self, code: TypeCode) -> AppResult<TypeDefinition>;
    /// Its files as text (administrators).
    async fn type_files(&self, code: TypeCode) -> AppResult<TypeFiles>;
    /// Imports or replaces a type (administrators). `code` is what the caller meant to import.
    async fn import_type(&self, code: Option<TypeCode>, files: TypeFiles) -> AppResult<TypeDefinition>;
    /// A sample PDF from files not imported yet (administrators).
    async fn preview_type(&self, files: TypeFiles) -> AppResult<Bytes>;
}

/// Administration.
#[async_trait]
pub trait AdminDesk {
    /// Everyone.
    async fn accounts(&self) -> AppResult<Vec<Account>>;
    /// Adds or changes an account.
    async fn save_account(&self, change: AccountChange) -> AppResult<Account>;
    /// Every role named anywhere, in order.
    async fn roles(&self) -> AppResult<Vec<String>>;
    /// Certificates of all accounts, newest first; with `unproven` only new keys that nothing but a sign-in stands behind.
    async fn issued(&self, unproven: bool) -> AppResult<Vec<Issued>>;
    /// Revokes anyone's certificate.
    async fn revoke_anyones(&self, serial: String, reason: String, note: Option<String>) -> AppResult<Certificate>;
    /// Every part's state in words.
    async fn health(&self) -> AppResult<Health>;
}

/// All of the door.
pub trait Desk: SessionDesk + DocumentDesk + ApprovalDesk + MailboxDesk + KeyDesk + SealDesk + TypeDesk + AdminDesk + Send + Sync {}

impl<T> Desk for T where T: SessionDesk + DocumentDesk + ApprovalDesk + MailboxDesk + KeyDesk + SealDesk + TypeDesk + AdminDesk + Send + Sync {}

/// The desk in context: a newtype, because Leptos finds context by exact type.
#[derive(Clone)]
pub struct DeskHandle(pub Arc<dyn Desk>);
