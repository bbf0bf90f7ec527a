//! The encryption algorithms of RFC 7292 appendix C, which are older than PBES2.

use des::{TdesEde2, TdesEde3};
use entrada_core::secret::SecretBytes;
use rc2::Rc2;

use super::super::decrypt::{self, Hash, unchain, unchain_with};
use super::super::der::{Element, OCTET_STRING, SEQUENCE};
use super::super::fault::Fault;
use super::password::{Password, Purpose, derive};

/// The algorithms differ in their last octet.
const PBE: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];

/// Decrypts what is one sequence, with one of these algorithms or with PBES2.
pub(super) fn decrypt(
    algorithm: Element<'_>,
    password: &Password,
    data: &[u8],
) -> Result<SecretBytes, Fault> {
    let (name, mut parameters) = super::algorithm(algorithm).ok_or(Fault::DamagedPkcs12)?;
    let Some(which @ ([3] | [4] | [5] | [6])) = name.strip_prefix(&PBE) else {
        return decrypt::decrypt(algorithm, &password.utf8, data);
    };
    let mut read = || {
        let mut parameters = parameters.expect(SEQUENCE)?.inside();
        Some((parameters.expect(OCTET_STRING)?.content, parameters.number()?))
    };
    let (salt, rounds) = read().ok_or(Fault::DamagedPkcs12)?;
    let rounds = decrypt::rounds(rounds)?;
    let key = |length| derive(Hash::Sha1, Purpose::Encryption, password, salt, rounds, length);
    let iv = derive(Hash::Sha1, Purpose::Iv, password, salt, rounds, 8);
    let plain = match which {
        [3] => unchain::<TdesEde3>(&key(24), &iv, data),
        [4] => unchain::<TdesEde2>(&key(16), &iv, data),
        [5] => unchain_with(Rc2::new_with_eff_key_len(&key(16), 128), &iv, data),
        _ => unchain_with(Rc2::new_with_eff_key_len(&key(5), 40), &iv, data),
    };
    plain.ok_or(Fault::WrongPassword)
}
