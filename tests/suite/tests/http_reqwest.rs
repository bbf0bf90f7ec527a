//! The suite of HTTP against one adapter.

// Without `connections_that_closed`: reqwest's pool learns of an end only when its runtime has the time.
entrada_tests::http_suite! { entrada_tests::adapters::reqwest:
    redirects every_status the_request_as_it_is bodies_are_capped connections_serve_again
    nobody_there silence broken_answers
    named_authority strangers pins private_trust
    local_goes_direct through_a_proxy proxies_that_fail
}
