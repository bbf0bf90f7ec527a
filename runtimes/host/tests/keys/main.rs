//! Certificates and keys that OpenSSL makes, read by `entrada_host::keys`, and signatures that OpenSSL
//! verifies. Without the `openssl` command these tests fail.

#[cfg(feature = "pkcs12")]
mod asn1;
mod pem_properties;
#[cfg(feature = "pkcs12")]
mod pfx;
mod reading;
mod refusing;
mod renewing;
mod signing;
mod workshop;
