# Settings that are misspelt or invalid are refused by the next call, also where the
# library was loaded before a call could be refused: everybody can connect.

# engines: any

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $node = new_node('main');
$node->safe_psql('postgres', 'CREATE SCHEMA menuca_v3; CREATE EXTENSION menuca_migrate; CREATE ROLE clerk LOGIN; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO clerk; GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk; GRANT USAGE ON SCHEMA menuca_v3 TO clerk');

# A call that reads the catalog, and nothing of the platform
my $call = 'SELECT count(*) FROM menuca_index_plan()';

sub is_refused
{
	my ($what, $message, $hint, %params) = @_;
	my $error = error_of($node, 'postgres', $call, %params);

	like($error->{message}, $message, "$what is refused");
	like($error->{hint}, $hint, "$what has a hint");
	is($node->psql('postgres', 'SELECT 1', %params), 0, "$what keeps nobody from connecting");
}

sub is_accepted
{
	my ($what, %params) = @_;

	is(error_of($node, 'postgres', $call, %params)->{state}, '', "$what is accepted");
}

my $misspelt = qr/^there is no setting "menuca\.(\w+)"/;

foreach my $how ('', 'session_preload_libraries', 'shared_preload_libraries')
{
	my $title = $how || 'loaded by a call';

	# While the library is not preloaded, any name can be stored.
	$node->adjust_conf('postgresql.conf', $_, undef) foreach qw(session_preload_libraries shared_preload_libraries);
	$node->restart;
	$node->safe_psql('postgres', 'ALTER DATABASE postgres SET menuca.of_database = 1');
	$node->safe_psql('postgres', 'ALTER ROLE clerk SET menuca.of_role = 1');
	$node->append_conf('postgresql.conf', "$how = 'menuca_migrate'") if $how;
	$node->restart;
	is_refused("$title: of a database", $misspelt, qr/^ALTER DATABASE postgres RESET menuca\.of_database;/);
	$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET menuca.of_database');
	is_accepted("$title: of no other role");
	is_refused("$title: of a role", $misspelt, qr/^ALTER ROLE clerk RESET menuca\.of_role;/, connstr => $node->connstr('postgres') . ' user=clerk');
	$node->safe_psql('postgres', 'ALTER ROLE clerk RESET menuca.of_role');
	is_accepted("$title: once it is reset", connstr => $node->connstr('postgres') . ' user=clerk');

	# In the server's configuration
	$node->append_conf('postgresql.conf', 'menuca.of_server = 1');
	$node->restart;
	is_refused("$title: of the server", $misspelt, qr/^Remove menuca\.of_server from postgresql\.conf/);
	$node->adjust_conf('postgresql.conf', 'menuca.of_server', undef);
	$node->append_conf('postgresql.conf', "menuca.max_query_time = 'long'");
	$node->restart;
	is_refused("$title: an invalid value", qr/^setting "menuca\.max_query_time" does not accept the value "long"/, qr/^Set it to another value/);
	$node->adjust_conf('postgresql.conf', 'menuca.max_query_time', "'77ms'");
	$node->restart;
	is_accepted("$title: a valid value");
	is(rows_of($node, 'postgres', "$call; SHOW menuca.max_query_time"), rows_of($node, 'postgres', $call) . "\n77ms", "$title: it is kept");
	$node->adjust_conf('postgresql.conf', 'menuca.max_query_time', undef);
	$node->restart;

	# For a connection, and in the session
	{
		local $ENV{PGOPTIONS} = '-c menuca.of_options=1';
		my ($status, $stdout, $stderr) = $node->psql('postgres', $call);
		like($stderr, qr/(?:ERROR|FATAL):.*menuca\.of_options/, "$title: of the connection is refused");
	}
	my $error = error_of($node, 'postgres', "SET menuca.of_session = 1; $call");
	like($error->{message}, qr/menuca\.of_session/, "$title: of the session is refused");
	# Without the library, the name is free for a while.
	is(error_of($node, 'postgres', "BEGIN; SET LOCAL menuca.of_session = 1; ROLLBACK; $call")->{state}, '', "$title: one that was rolled back is no setting")
		unless $how;
}

log_is_clean($node);
done_testing();
