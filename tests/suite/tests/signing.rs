//! An assertion on its way: it is in no `Debug`, neither whole nor before it is signed.

use entrada_core::effect::{Effect, SignAction};
use entrada_core::flows::client_auth::ClientCertificate;
use entrada_core::{ClientCertificateCredential, Credential, Run, Step, TokenRequest};
use entrada_emulator::signing::Key;
use entrada_emulator::world as w;
use entrada_tests::choices::Seeded;

const NOW: entrada_core::Now =
    entrada_core::Now { mono: entrada_core::Mono(5_000_000), unix: entrada_core::Unix(1_790_000_000) };

#[test]
fn what_is_to_be_signed_is_not_shown() {
    let key = Key::of_pem(w::CERTIFICATE_PEM).unwrap();
    let certificate = ClientCertificate::file("/k.pem");
    let credential = ClientCertificateCredential::new(w::TENANT, w::CERTIFICATE_APP, certificate).unwrap();
    let request = TokenRequest::new([w::MANAGEMENT_SCOPE]).unwrap();
    let (mut run, mut entropy) = (Run::new(credential.begin(&request)), Seeded(1));
    let mut step = run.start(NOW, &mut entropy);
    let mut signed = Vec::new();
    loop {
        let shown = format!("{run:?} {step:?} {credential:?}");
        match step {
            Step::Do(Effect::Sign(sign)) => {
                if let SignAction::Sign { message, .. } = sign.action() {
                    signed
                        .extend(std::str::from_utf8(message.expose()).unwrap().split('.').map(str::to_owned));
                }
                for part in &signed {
                    let shown = format!("{shown} {run:?} {sign:?} {:?}", sign.action());
                    assert!(!shown.contains(part), "{shown}");
                }
                let answer = key.answer(sign.action());
                step = run.resume(NOW, &mut entropy, sign.ticket().reply(answer));
            }
            Step::Do(Effect::Http(call)) => {
                let form = String::from_utf8_lossy(call.request().body().expose()).into_owned();
                assert_eq!(signed.len(), 2);
                assert!(signed.iter().all(|part| form.contains(part) && !shown.contains(part)), "{shown}");
                return;
            }
            other => panic!("{other:?}"),
        }
    }
}
