//! The suite of HTTP against one adapter.

entrada_tests::http_suite!(entrada_tests::adapters::hyper);
