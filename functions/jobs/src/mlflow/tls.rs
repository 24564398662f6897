//! TLS to a server at an https:// address, with the certificate authorities of this machine.

use std::sync::Arc;

use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::error::SettingError;

/// What the cryptography is written for; it would end the program on another processor.
#[cfg(target_arch = "x86_64")]
const PROCESSOR: &str = "AES, ADX, AVX2, BMI1 and PCLMULQDQ";
#[cfg(target_arch = "aarch64")]
const PROCESSOR: &str = "AES, NEON, PMULL and SHA2";

/// The configuration for all connections to one server.
pub(super) fn configuration() -> Result<TlsConfig, SettingError> {
    if !is_supported() {
        return Err(SettingError::Processor { needed: PROCESSOR });
    }
    let authorities = rustls_native_certs::load_native_certs().certs;
    if authorities.is_empty() {
        return Err(SettingError::NoAuthorities);
    }
    let authorities: Vec<Certificate<'static>> =
        authorities.iter().map(|authority| Certificate::from_der(authority).to_owned()).collect();
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::from(authorities))
        .unversioned_rustls_crypto_provider(Arc::new(rustls_graviola::default_provider()))
        .build())
}

#[cfg(target_arch = "x86_64")]
fn is_supported() -> bool {
    std::arch::is_x86_feature_detected!("aes")
        && std::arch::is_x86_feature_detected!("adx")
        && std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("pclmulqdq")
}

#[cfg(target_arch = "aarch64")]
fn is_supported() -> bool {
    std::arch::is_aarch64_feature_detected!("aes")
        && std::arch::is_aarch64_feature_detected!("neon")
        && std::arch::is_aarch64_feature_detected!("pmull")
        && std::arch::is_aarch64_feature_detected!("sha2")
}
