//! A new RSA key (FIPS 186-5 appendix A.1.3, with probable primes), as PKCS #8 (RFC 5208).
//!
//! The library that signs makes no RSA keys. Nothing is done with the key here but to compute and write it.

use crypto_bigint::{NonZero, Odd, U1536, U3072, Uint};
use crypto_primes::hazmat::{SetBits, SmallFactorsSieveFactory};
use crypto_primes::{Flavor, is_prime, sieve_and_find};
use entrada_core::secret::SecretBytes;
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use zeroize::Zeroizing;

use super::der::{OCTET_STRING, SEQUENCE, element, integer};

/// Bits of one of the two primes: of the modulus, 3072, which NIST SP 800-57 gives a strength of 128 bits.
const BITS: u32 = U1536::BITS;
/// How far the primes have to be from each other: their difference has more than this many bits.
const APART: u32 = BITS - 100;
const EXPONENT: u32 = 65_537;

/// `rsaEncryption` with no parameters (RFC 3279 section 2.3.1).
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A new private key, in PKCS #8.
///
/// # Panics
/// When the operating system has no randomness to give: a key that can be guessed would be worse.
pub(super) fn new_key() -> SecretBytes {
    loop {
        if let Some(key) = encode(&prime(), &prime()) {
            return key;
        }
    }
}

/// A prime with the two highest bits set, so that the product of two has twice as many bits.
fn prime() -> Zeroizing<U1536> {
    loop {
        let Ok(sieve) = SmallFactorsSieveFactory::new(Flavor::Any, BITS, SetBits::TwoMsb) else { continue };
        let found =
            sieve_and_find(&mut UnwrapErr(SysRng), sieve, |_, candidate| is_prime(Flavor::Any, candidate));
        if let Ok(Some(prime)) = found {
            return Zeroizing::new(prime);
        }
    }
}

/// The key of two primes, unless they make none: they are too close to each other, or the public exponent
/// has no inverse, or the private one is too small.
fn encode(one: &U1536, other: &U1536) -> Option<SecretBytes> {
    // RFC 8017 does not say so, but many readers want the larger one first.
    let (p, q) = if one > other { (one, other) } else { (other, one) };
    if p.wrapping_sub(q).bit_width() <= APART {
        return None;
    }
    let before = |prime: &U1536| Zeroizing::new(prime.wrapping_sub(&Uint::ONE));
    let (p1, q1) = (before(p), before(q));
    let modulus: U3072 = p.concatenating_mul(q);
    let period: Zeroizing<U3072> = Zeroizing::new(p1.lcm(&q1));
    let period = NonZero::new(*period).into_option()?;
    let d = Zeroizing::new(U3072::from(EXPONENT).invert_mod(&period).into_option()?);
    if d.bit_width() <= BITS {
        return None;
    }
    let modulo = |prime: &U1536| Some(Zeroizing::new(d.rem(&NonZero::new(*prime).into_option()?)));
    let (dp, dq) = (modulo(&p1)?, modulo(&q1)?);
    let coefficient = Zeroizing::new(q.invert_odd_mod(&Odd::new(*p).into_option()?).into_option()?);
    let bytes = |number: &U1536| Zeroizing::new(integer(&number.to_be_bytes()));
    let fields = Zeroizing::new(
        [
            &integer(&[0])[..],
            &integer(&modulus.to_be_bytes()),
            &integer(&EXPONENT.to_be_bytes()),
            &Zeroizing::new(integer(&d.to_be_bytes())),
            &bytes(p),
            &bytes(q),
            &bytes(&dp),
            &bytes(&dq),
            &bytes(&coefficient),
        ]
        .concat(),
    );
    let key = Zeroizing::new(element(OCTET_STRING, &Zeroizing::new(element(SEQUENCE, &fields))));
    let info = Zeroizing::new([&integer(&[0])[..], &RSA_ENCRYPTION, &key].concat());
    Some(SecretBytes::new(element(SEQUENCE, &info)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_that_make_no_good_key_are_not_taken() {
        let (one, other) = (prime(), prime());
        assert!(encode(&one, &other).is_some());
        assert!(encode(&one, &one).is_none());
        assert!(encode(&one, &one.wrapping_sub(&U1536::from(2u8))).is_none());
        // A prime minus one that the exponent divides.
        let bad = U1536::from(2 * EXPONENT + 1);
        assert!(encode(&one, &bad).is_none());
        assert_eq!(one.bit_width(), BITS);
    }

    #[test]
    fn the_order_of_the_primes_does_not_matter() {
        let (one, other) = (prime(), prime());
        let key = encode(&one, &other).unwrap();
        assert_eq!(key.expose(), encode(&other, &one).unwrap().expose());
    }
}
