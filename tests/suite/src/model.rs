//! What a flow must end in, by the world it runs in.
