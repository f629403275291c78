"""The directives of nginx that blocks inherit: how each is compared, where it matters, nginx's default.

Source: the reference of nginx's modules on nginx.org.
"""

#: Inherited directives with one value: name, form, where it matters, and nginx's default, if it has one.
INHERITED_TABLE = """
client_max_body_size        size   BODY   1m
client_body_buffer_size     size   BODY   16k
client_body_timeout         time   BODY   60s
client_body_in_file_only    lower  BODY   off
client_body_temp_path       words  BODY
proxy_buffering             lower  PROXY  on
proxy_request_buffering     lower  PROXY  on
proxy_buffer_size           size   PROXY  8k
proxy_buffers               size   PROXY  8 8k
proxy_busy_buffers_size     size   PROXY  16k
proxy_max_temp_file_size    size   PROXY  1024m
proxy_temp_file_write_size  size   PROXY
proxy_temp_path             words  PROXY
proxy_connect_timeout       time   PROXY  60s
proxy_read_timeout          time   PROXY  60s
proxy_send_timeout          time   PROXY  60s
proxy_http_version          words  PROXY
proxy_redirect              words  PROXY  default
proxy_intercept_errors      lower  PROXY  off
proxy_ignore_client_abort   lower  PROXY  off
proxy_next_upstream         set    PROXY  error timeout
proxy_pass_request_headers  lower  PROXY  on
proxy_pass_request_body     lower  PROXY  on
proxy_ssl_verify            lower  PROXY  off
proxy_ssl_server_name       lower  PROXY  off
proxy_socket_keepalive      lower  PROXY  off
proxy_next_upstream_timeout time   PROXY  0
proxy_next_upstream_tries   words  PROXY  0
proxy_bind                  words  PROXY
proxy_method                words  PROXY
proxy_set_body              words  PROXY
proxy_force_ranges          lower  PROXY  off
proxy_limit_rate            size   PROXY  0
proxy_send_lowat            size   PROXY  0
proxy_headers_hash_bucket_size  size   PROXY  64
proxy_headers_hash_max_size size   PROXY  512
proxy_store                 words  PROXY  off
proxy_store_access          words  PROXY  user:rw
proxy_cache                 words  PROXY  off
proxy_cache_key             words  PROXY  $scheme$proxy_host$request_uri
proxy_cache_methods         set    PROXY  GET HEAD
proxy_cache_lock            lower  PROXY  off
proxy_cache_lock_age        time   PROXY  5s
proxy_cache_lock_timeout    time   PROXY  5s
proxy_cache_min_uses        words  PROXY  1
proxy_cache_revalidate      lower  PROXY  off
proxy_cache_use_stale       set    PROXY  off
proxy_cache_background_update  lower  PROXY  off
proxy_cache_convert_head    lower  PROXY  on
proxy_cache_max_range_offset   size   PROXY
proxy_cache_purge           words  PROXY
proxy_ssl_certificate       words  PROXY
proxy_ssl_certificate_key   words  PROXY
proxy_ssl_password_file     words  PROXY
proxy_ssl_ciphers           words  PROXY  DEFAULT
proxy_ssl_crl               words  PROXY
proxy_ssl_name              words  PROXY  $proxy_host
proxy_ssl_protocols         set    PROXY
proxy_ssl_session_reuse     lower  PROXY  on
proxy_ssl_trusted_certificate  words  PROXY
proxy_ssl_verify_depth      words  PROXY  1
client_body_in_single_buffer   lower  BODY   off
sendfile                    lower  FILES  off
tcp_nopush                  lower  FILES  off
aio                         words  FILES  off
directio                    words  FILES  off
open_file_cache             set    FILES  off
open_file_cache_valid       time   FILES  60s
open_file_cache_min_uses    words  FILES  1
open_file_cache_errors      lower  FILES  off
autoindex                   lower  FILES  off
expires                     time   ANY    off
etag                        lower  FILES  on
index                       words  FILES  index.html
gzip_static                 lower  FILES  off
tcp_nodelay                 lower  ANY    on
gzip                        lower  ANY    off
gzip_types                  set    ANY    text/html
gzip_comp_level             words  ANY    1
gzip_min_length             size   ANY    20
gzip_vary                   lower  ANY    off
gzip_proxied                set    ANY    off
gzip_buffers                size   ANY
gzip_http_version           words  ANY    1.1
gzip_disable                words  ANY
keepalive_timeout           time   ANY    75s
keepalive_requests          words  ANY    1000
send_timeout                time   ANY    60s
reset_timedout_connection   lower  ANY    off
lingering_close             lower  ANY    on
server_tokens               lower  ANY    on
charset                     words  ANY    off
limit_rate                  size   ANY    0
limit_rate_after            size   ANY    0
add_before_body             words  ANY
add_after_body              words  ANY
addition_types              set    ANY    text/html
charset_types               set    ANY
source_charset              words  ANY
override_charset            lower  ANY    off
chunked_transfer_encoding   lower  ANY    on
gunzip                      lower  ANY    off
gunzip_buffers              size   ANY
keepalive_disable           set    ANY    msie6
lingering_time              time   ANY    30s
lingering_timeout           time   ANY    5s
max_ranges                  words  ANY
mirror_request_body         lower  ANY    on
msie_refresh                lower  ANY    off
open_log_file_cache         set    ANY    off
postpone_output             size   ANY    1460
resolver                    time   ANY
rewrite_log                 lower  ANY    off
send_lowat                  size   ANY    0
ssi                         lower  ANY    off
sub_filter_last_modified    lower  ANY    off
sub_filter_once             lower  ANY    on
sub_filter_types            set    ANY    text/html
subrequest_output_buffer_size  size   ANY
uninitialized_variable_warn lower  ANY    on
aio_write                   lower  FILES  off
autoindex_exact_size        lower  FILES  on
autoindex_format            lower  FILES  html
autoindex_localtime         lower  FILES  off
directio_alignment          size   FILES  512
disable_symlinks            words  FILES  off
if_modified_since           lower  FILES  exact
output_buffers              size   FILES  2 32k
read_ahead                  size   FILES  0
sendfile_max_chunk          size   FILES  2m
types_hash_bucket_size      size   FILES  64
types_hash_max_size         size   FILES  1024
limit_conn_dry_run          lower  ACCESS off
limit_conn_log_level        lower  ACCESS error
limit_conn_status           words  ACCESS 503
limit_req_dry_run           lower  ACCESS off
limit_req_log_level         lower  ACCESS error
limit_req_status            words  ACCESS 503
real_ip_header              words  ACCESS X-Real-IP
real_ip_recursive           lower  ACCESS off
log_not_found               lower  ANY    on
log_subrequest              lower  ANY    off
recursive_error_pages       lower  ANY    off
server_name_in_redirect     lower  ANY    off
port_in_redirect            lower  ANY    on
absolute_redirect           lower  ANY    on
msie_padding                lower  ANY    on
resolver_timeout            time   ANY    30s
default_type                words  FILES
auth_basic                  words  ACCESS off
auth_basic_user_file        words  ACCESS
auth_request                words  ACCESS off
satisfy                     lower  ACCESS all
ssl_protocols               set    TLS
ssl_ciphers                 words  TLS
ssl_prefer_server_ciphers   lower  TLS    off
ssl_session_cache           words  TLS    none
ssl_session_timeout         time   TLS    5m
ssl_session_tickets         lower  TLS    on
ssl_dhparam                 words  TLS
ssl_ecdh_curve              words  TLS    auto
ssl_stapling                lower  TLS    off
ssl_stapling_verify         lower  TLS    off
ssl_trusted_certificate     words  TLS
ssl_client_certificate      words  TLS
ssl_verify_client           lower  TLS    off
ssl_verify_depth            words  TLS    1
ssl_certificate             words  TLS
ssl_certificate_key         words  TLS
ssl_buffer_size             size   TLS    16k
"""
