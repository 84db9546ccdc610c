# The daily commands. `just` lists them; https://just.systems runs them.

_list:
    @just --list --unsorted

# The console on an embedded server with made-up tickets.
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# The fastest answer to "does it build?".
check:
    cargo check --locked --all-targets

# All tests, or those whose names hold a word: `just test drafts`.
test *FILTER:
    cargo test --locked {{FILTER}}

# The screens: each key typed, each screen compared with its snapshot.
screens *FILTER:
    INSTA_UPDATE=no cargo test --locked --test screens {{FILTER}}

# Writes the snapshots that differ; read `git diff tests/snapshots` before you commit them.
snapshots *FILTER:
    INSTA_UPDATE=always cargo test --locked --test screens {{FILTER}}

# What has to hold before a change lands: format, contents, licences, lints, documentation, tests.
ci:
    .ci/run

# What may be built in; needs cargo-deny.
deny:
    cargo deny --locked check licenses bans sources

# The packages of a release, in target/dist; needs cargo-deb and cargo-generate-rpm.
package *TARGET:
    .ci/package {{TARGET}}

# What a key costs, beside a bare list in the same run.
bench *ARGS:
    cargo bench --locked --bench terminal -- {{ARGS}}

# Replies through random faults and kills.
soak REPLIES="20000":
    GROWDESK_SOAK={{REPLIES}} cargo test --locked --test outbox endurance -- --nocapture

# A fuzz target (html, markdown, answers, keys) for some seconds; needs cargo-fuzz.
fuzz TARGET SECONDS="600":
    RUSTC_BOOTSTRAP=1 cargo fuzz run -s none {{TARGET}} -- -max_total_time={{SECONDS}}

# The pictures in the README, made by the program.
pictures:
    for picture in console plan dashboard board; do for theme in dark light; do \
        cargo run --locked --example picture -- $picture $theme > assets/pictures/$picture-$theme.svg; \
    done; done
