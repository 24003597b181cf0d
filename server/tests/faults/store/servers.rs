//! The same behaviour on every server that a user would run. Over TLS both ways of treating sessions: most servers demand that a data
//! connection resumes the session of its control connection.

use support::proftpd::Proftpd;
use support::pureftpd::Pureftpd;
use support::vsftpd::Vsftpd;

use crate::store::behaviour::behaves;
use crate::store::world::{embedded, store};

#[tokio::test(flavor = "multi_thread")]
async fn embedded_behaves() {
    let (server, store, folder) = embedded().await;
    behaves(&store, folder.path()).await;
    server.stop().await;
}

/// One test for each server, each with the same end.
macro_rules! behaving {
    ($($name:ident: $server:ident, tls $tls:literal, $more:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let Some(server) = $server::start($tls, &$more) else { return };
            behaves(&store(&server.url(), server.authority().as_deref()), &server.files()).await;
        }
    )*};
}

behaving! {
    vsftpd_plain_behaves: Vsftpd, tls false, [];
    vsftpd_over_tls_with_session_reuse_behaves: Vsftpd, tls true, ["require_ssl_reuse=YES"];
    vsftpd_over_tls_without_session_reuse_behaves: Vsftpd, tls true, ["require_ssl_reuse=NO"];
    proftpd_plain_behaves: Proftpd, tls false, [];
    proftpd_over_tls_with_session_reuse_behaves: Proftpd, tls true, [];
    proftpd_over_tls_without_session_reuse_behaves: Proftpd, tls true, ["TLSOptions NoSessionReuseRequired"];
    pureftpd_plain_behaves: Pureftpd, tls false, [];
    pureftpd_over_tls_behaves: Pureftpd, tls true, [];
}
