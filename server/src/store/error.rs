//! What can go wrong with the file store, what that leaves behind, and what to do next.

use app::model::LocalText;

use super::path::StorePath;

/// A failure of the store, as services see it. Causes are cleaned of control characters and hold no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file server does not answer, or not in time. Trying again later is right.
    #[error("the file store does not answer: {cause}")]
    Unavailable {
        /// For the log.
        cause: String,
    },
    /// The file server has no room, or could not write.
    #[error("the file store could not write: {cause}")]
    Full {
        /// For the log.
        cause: String,
    },
    /// No file of this name.
    #[error("the file store has no file {path}")]
    Missing {
        /// The file.
        path: StorePath,
    },
    /// The bytes on the server are not the bytes that were stored; they were not handed on.
    #[error("the file store has wrong bytes for {path}: {cause}")]
    Corrupt {
        /// The file.
        path: StorePath,
        /// For the log.
        cause: String,
    },
    /// This machine's own disk cannot hold, or give, a file on its way.
    #[error("the file could not pass through this machine's disk: {cause}")]
    Local {
        /// For the log.
        cause: String,
    },
    /// The file server, or Signet on its behalf, refuses: trying again does not help.
    #[error("the file store refuses: {cause}")]
    Refused {
        /// What is refused.
        refusal: Refusal,
        /// For the log.
        cause: String,
    },
}

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// User or password.
    Login,
    /// The server's certificate, or TLS altogether.
    Tls,
    /// Writing, renaming or deleting there.
    Permission,
    /// The bytes handed in do not have the hash they came with.
    Input,
    /// The configuration, or the folder of the embedded server.
    Configuration,
}

impl StoreError {
    /// True when the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// True when the volume is to blame, so that another one may take the file.
    pub fn is_of_volume(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Full { .. } | Self::Corrupt { .. } => true,
            Self::Refused { refusal, .. } => *refusal != Refusal::Input,
            Self::Missing { .. } | Self::Local { .. } => false,
        }
    }

    /// The kind in one word, for figures.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "unavailable",
            Self::Full { .. } => "full",
            Self::Missing { .. } => "missing",
            Self::Corrupt { .. } => "corrupt",
            Self::Local { .. } => "local",
            Self::Refused { .. } => "refused",
        }
    }

    /// What happened and what was kept, for a person.
    pub fn text(&self) -> LocalText {
        match self {
            Self::Unavailable { .. } => text(
                "The file store does not answer. Nothing was changed; what was stored before is safe.",
                "文件存储没有应答。没有任何更改，此前保存的内容不受影响。",
            ),
            Self::Full { .. } => text(
                "The file store has no room or cannot write. Nothing was changed; what was stored before is safe.",
                "文件存储空间不足或无法写入。没有任何更改，此前保存的内容不受影响。",
            ),
            Self::Missing { .. } => text(
                "The file of this document is not in the file store. Its entry in the index is kept.",
                "文件存储中找不到该单据的文件。索引中的记录保持不变。",
            ),
            Self::Corrupt { .. } => text(
                "The file store returned wrong bytes for this document. They are neither shown nor signed.",
                "文件存储返回的内容与原文件不一致。系统不会显示，也不会用于签署。",
            ),
            Self::Local { .. } => text(
                "Signet's own disk cannot take the file on its way. Nothing was changed; what was stored before is safe.",
                "Signet 服务器本机磁盘无法暂存该文件。没有任何更改，此前保存的内容不受影响。",
            ),
            Self::Refused { refusal, .. } => match refusal {
                Refusal::Login => {
                    text("The file store refuses Signet's user name or password. Nothing was changed.", "文件存储拒绝了 Signet 的用户名或密码。没有任何更改。")
                }
                Refusal::Tls => text(
                    "No trustworthy encrypted connection to the file store. No password was sent and nothing was changed.",
                    "无法与文件存储建立可信的加密连接。密码没有发送，也没有任何更改。",
                ),
                Refusal::Permission => {
                    text("The file store does not allow Signet to write there. Nothing was changed.", "文件存储不允许 Signet 在该处写入。没有任何更改。")
                }
                Refusal::Input => text("The file changed on its way to the store. Nothing was stored.", "文件在送往存储的途中发生了变化。没有保存任何内容。"),
                Refusal::Configuration => text("The file store is not set up correctly.", "文件存储配置不正确。"),
            },
        }
    }

    /// What to do next, for a person.
    pub fn next(&self) -> LocalText {
        match self {
            Self::Unavailable { .. } => text(
                "Try again in a minute. If it stays so, ask an administrator to check the file server and SIGNET_FTP_URL.",
                "请一分钟后重试。如果仍然如此，请管理员检查文件服务器和 SIGNET_FTP_URL。",
            ),
            Self::Full { .. } => text(
                "Ask an administrator to free space or raise the quota on the file server, then try again.",
                "请管理员在文件服务器上清理空间或提高配额，然后重试。",
            ),
            Self::Missing { .. } | Self::Corrupt { .. } => text(
                "Ask an administrator to run `signet fsck` and to restore this file from the backup.",
                "请管理员运行 `signet fsck`，并从备份中恢复该文件。",
            ),
            Self::Local { .. } => text(
                "Ask an administrator to free space in Signet's data folder (SIGNET_DATA), then try again.",
                "请管理员清理 Signet 数据目录（SIGNET_DATA）的空间，然后重试。",
            ),
            Self::Refused { refusal, .. } => match refusal {
                Refusal::Login => text(
                    "Ask an administrator to correct user and password in SIGNET_FTP_URL and to restart Signet.",
                    "请管理员更正 SIGNET_FTP_URL 中的用户名和密码，然后重启 Signet。",
                ),
                Refusal::Tls => text(
                    "Ask an administrator to check the file server's certificate, its host name and SIGNET_FTP_CA.",
                    "请管理员检查文件服务器的证书、主机名和 SIGNET_FTP_CA。",
                ),
                Refusal::Permission => text(
                    "Ask an administrator to let the FTP user create folders and write, rename and delete files below the base folder.",
                    "请管理员允许该 FTP 用户在基础目录下新建目录，以及写入、重命名和删除文件。",
                ),
                Refusal::Input => text("Send the file again.", "请重新发送文件。"),
                Refusal::Configuration => text(
                    "Ask an administrator to read the log and to correct SIGNET_FTP_URL, SIGNET_FTP_CA or the data folder.",
                    "请管理员查看日志，并更正 SIGNET_FTP_URL、SIGNET_FTP_CA 或数据目录。",
                ),
            },
        }
    }
}

fn text(en: &str, zh: &str) -> LocalText {
    LocalText { en: en.to_owned(), zh: zh.to_owned() }
}
