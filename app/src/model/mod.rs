//! The values that cross the wire: the same types in the browser, in the server functions and in the public API.

pub mod account;
pub mod document;
pub mod health;
pub mod key;
pub mod level;
pub mod list;
pub mod mailbox;
pub mod number;
pub mod seal;
pub mod signing;
pub mod text;
pub mod types;

pub use account::{Account, AccountChange, DemoAccount, Me, SignIn, Token};
pub use document::{
    Actions, Box, Creator, Decision, DecisionKind, Document, DocumentView, Event, LISTED_VALUES, NewDocument, Query, Status, Step, StepStatus, Submitted,
};
pub use health::{Check, Health};
pub use key::{Certificate, CertificateState, Continuity, Enrolment, Issued, Renewal};
pub use level::Level;
pub use list::{Page, Waiting};
pub use mailbox::{Delivery, Mailbox};
pub use number::{ClientNumber, Number, Sha256, TypeCode};
pub use seal::{SealChoice, SealDesign, SealLayer, SealPicture, SealShape, SealView};
pub use signing::{Offer, Placement, Seen, SignatureDecision, Signing};
pub use text::{Lang, LocalText};
pub use types::{Column, Decide, Field, FieldKind, Seal, SealPlace, StepDefinition, TimeStamps, TypeDefinition, TypeFiles, TypeSource, TypeSummary};
