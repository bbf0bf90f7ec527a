//! An example: Azure Machine Learning over REST, with client credentials.
//!
//! The sequence of "Manage Azure Machine Learning resources with REST", with its mistakes put right: the token is
//! of the client credentials grant (the article calls it implicit), its numbers are read whether they are
//! numbers or texts, pages are read to their end, a token goes to hosts of its own audience alone, and what is
//! made is waited for.
//!
//! ```no_run
#![doc = include_str!("../examples/machine_learning_rest.rs")]
//! ```
