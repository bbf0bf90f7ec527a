//! What a driver finds in the place of the network, of programs, of a signer and of a person.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use entrada_core::effect::{
    BrowserFailure, CommandFailure, CommandOutput, DevicePrompt, HttpFailure, HttpRequest, HttpResponse,
    PromptFailure, RunCommand, SignAction, SignFailure, Signed, SigningKey, StoreAction, StoreFailure,
    StoreName,
};
use entrada_core::{Mono, Now, SecretBytes, Unix};
use entrada_emulator::person::{Decision, Person};
use entrada_tests::choices::Choices;
use entrada_tests::world::World;
use entrada_tests::world::person::{Mind, to_bytes};

/// The world, as the plugs of a driver see it.
#[derive(Clone)]
pub(crate) struct Stage(pub(crate) Arc<Mutex<World>>);

pub(crate) fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Now { mono: Mono(u64::try_from(since.as_millis()).unwrap()), unix: Unix(since.as_secs().cast_signed()) }
}

impl Stage {
    pub(crate) fn http(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let mut world = self.0.lock().unwrap();
        let (_, fate) = world.exchange(request, now(), &mut Choices::new(&[0]));
        to_disk(&world);
        fate.map_or(Err(HttpFailure::TimedOut), |fate| fate.result)
    }

    pub(crate) fn sign(&self, key: &SigningKey, action: &SignAction) -> Result<Signed, SignFailure> {
        self.0.lock().unwrap().signer.says(key, action).unwrap_or(Err(SignFailure::TimedOut))
    }

    fn sitter(&self) -> (Person, Mind) {
        let world = self.0.lock().unwrap();
        (world.sitter.person.clone(), world.sitter.mind)
    }

    /// What the person's browser gets, which is not the program's connection.
    fn page(&self, request: &HttpRequest) -> HttpResponse {
        self.0.lock().unwrap().emulator.answer(now(), request)
    }

    pub(crate) fn command(&self, command: &RunCommand) -> Result<CommandOutput, CommandFailure> {
        let said = self.0.lock().unwrap().says(command.program(), command.arguments(), now(), false);
        said.unwrap_or(Err(CommandFailure::TimedOut))
    }

    fn keep(&self, name: &StoreName, action: &StoreAction) -> Result<SecretBytes, StoreFailure> {
        self.0.lock().unwrap().shelf.says(name, action, now()).unwrap_or(Err(StoreFailure::TimedOut))
    }

    fn told(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        let (person, mind) = self.sitter();
        if mind == Mind::Absent {
            return Err(PromptFailure::Nobody);
        }
        let send = |request: HttpRequest| Ok::<_, Infallible>(self.page(&request));
        let (page, code) = (&prompt.verification_uri, prompt.user_code.expose());
        person.approve_device(page, code, send).unwrap();
        Ok(())
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        let (person, mind) = self.sitter();
        let decision = if mind == Mind::Refuses { Decision::Cancel } else { Decision::Approve };
        let send = |request: HttpRequest| Ok::<_, Infallible>(self.page(&request));
        // In the caller's thread, so that what goes wrong ends the test and not the patience of the flow.
        let arrival = Person { decision, ..person }.sign_in(url, send).unwrap();
        std::thread::spawn(move || {
            let port = url::Url::parse(&arrival.url).unwrap().port().unwrap();
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(&to_bytes(&arrival)).unwrap();
            let mut page = String::new();
            stream.read_to_string(&mut page).unwrap();
            assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
        });
        Ok(())
    }
}

impl entrada_host::store::TokenStore for Stage {
    fn perform(
        &self,
        name: &StoreName,
        action: &StoreAction,
        _: Unix,
        _: &entrada_host::store::Patience,
    ) -> entrada_host::store::Stored {
        self.keep(name, action)
    }

    fn describe(&self) -> String {
        "the shelf of a world".to_owned()
    }
}

impl entrada_blocking::Ui for Stage {
    fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        self.told(prompt)
    }

    fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        Stage::open(self, url)
    }
}

impl entrada_tokio::Ui for Stage {
    async fn prompt(&self, prompt: &DevicePrompt) -> Result<(), PromptFailure> {
        self.told(prompt)
    }

    async fn open(&self, url: &str) -> Result<(), BrowserFailure> {
        Stage::open(self, url)
    }
}

/// Puts the files of the world where the drivers look for them.
pub(crate) fn to_disk(world: &World) {
    for (path, bytes) in world.files.below(&world.root).filter(|_| !world.root.is_empty()) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
