//! Who looks: the condition that every question for documents carries.

use super::sql::Sql;

/// An account as the index needs it to decide what exists for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Account id.
    pub account_id: String,
    /// Sign-in name, for steps that ask one person.
    pub login: String,
    /// Role names.
    pub roles: Vec<String>,
    /// Codes of types the account may read without taking part.
    pub reads: Vec<String>,
}

impl Viewer {
    /// SQL that is true where document `d` exists for this viewer: its creator, a reader of its type, whoever decided on it,
    /// and whoever one of its steps asks, from the moment that step opened.
    pub(super) fn may_see(&self, statement: &mut Sql) -> String {
        let account = statement.place(&self.account_id);
        let reads = statement.list(&self.reads);
        let asks = self.is_asked(statement);
        format!(
            "(d.creator = {account} OR d.type_code IN {reads} \
              OR EXISTS (SELECT 1 FROM decisions x WHERE x.number = d.number AND x.account = {account}) \
              OR EXISTS (SELECT 1 FROM steps s WHERE s.number = d.number AND s.opened_at IS NOT NULL AND {asks}))"
        )
    }

    /// SQL that is true where step `s` asks this viewer.
    pub(super) fn is_asked(&self, statement: &mut Sql) -> String {
        let account = statement.place(&self.account_id);
        let person = statement.place(self.as_person());
        let roles = statement.list(&self.roles);
        format!(
            "(s.role = {person} OR (s.decide = 'any' AND s.role IN {roles}) \
              OR (s.decide = 'all' AND EXISTS (SELECT 1 FROM step_fields f WHERE f.number = s.number AND f.edition = s.edition \
                  AND f.position = s.position AND f.account = {account})))"
        )
    }

    /// By what the lists know this viewer: the account itself, its sign-in name, its roles (view `asked`).
    pub(super) fn audiences(&self) -> Vec<String> {
        let roles = self.roles.iter().map(|role| format!("r:{role}"));
        [self.as_account(), self.as_person()].into_iter().chain(roles).collect()
    }

    /// How the lists name this account.
    pub(super) fn as_account(&self) -> String {
        format!("a:{}", self.account_id)
    }

    /// How a step names this one person.
    pub(super) fn as_person(&self) -> String {
        format!("@{}", self.login)
    }
}
