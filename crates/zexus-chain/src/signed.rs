//! Signed transactions: the way in which a host knows who sent one (chain.md 8.2).

use zexus_crypto::{Encoded, KeyError, SignatureAlgorithm, caller_address, derive_address, verify};
use zexus_verify::Transaction;

/// A transaction with the signature of its id by the caller's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// The transaction. Its caller is the address of the key: `0x` and 40 hex digits.
    pub transaction: Transaction,
    /// The public key, in a form of chain.md 3.4.
    pub public_key: String,
    /// The signature of the 32 bytes of the id, in hex.
    pub signature: String,
}

impl SignedTransaction {
    /// Signs a transaction.
    ///
    /// # Errors
    /// [`KeyError`] if the private key cannot be read.
    pub fn sign(
        transaction: Transaction,
        public_key: &str,
        private_key: &str,
        algorithm: SignatureAlgorithm,
    ) -> Result<SignedTransaction, KeyError> {
        let signature = zexus_crypto::sign(&transaction.id(), private_key, algorithm)?;
        Ok(SignedTransaction { transaction, public_key: public_key.to_owned(), signature })
    }

    /// Whether the caller has signed it: the signature is valid and the caller is the address of the key. A caller that is a
    /// name has no key.
    pub fn verify(&self) -> bool {
        let key = Encoded::Text(&self.public_key);
        let Ok(address) = derive_address(key, "0x") else { return false };
        let caller = &self.transaction.caller;
        caller.len() == address.len()
            && caller.starts_with("0x")
            && caller_address(caller) == caller_address(&address)
            && verify(&self.transaction.id(), Encoded::Text(&self.signature), key, None)
    }
}

#[cfg(test)]
mod tests;
