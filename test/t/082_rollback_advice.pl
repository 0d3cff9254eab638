
# What menuca_rollback_advice() says of damaged pages, which are really damaged, with
# and without amcheck; and what a role sees that may only read.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaRunbook;
use MenucaTest;

my $fixture = fixture('fixture', '--scale', '0.05');
my $node = new_node('main', conf => runbook_conf());

rows_of($node, 'postgres', 'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role; CREATE ROLE reader LOGIN');
make_database($node, 'menuca', $fixture, extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops; ALTER DATABASE menuca SET search_path = ops, public');
rows_of($node, 'menuca', <<'SQL');
SELECT menuca_environment('staging', 'menuca', (SELECT system_identifier FROM pg_control_system()));
SELECT menuca_ticket(0, dry_run => false);
SELECT menuca_fix_combos(dry_run => false);
SELECT menuca_ticket(0, dry_run => false);
CHECKPOINT;
SQL
grant_purposes($node, 'menuca', 'reader', 'read');

sub corruption
{
	my (@params) = @_;

	return rows_of($node, 'menuca', q(SELECT advice || ' ' || coalesce(next_step, '') || ' ' || figure FROM menuca_rollback_advice() WHERE trigger = 'corruption'), @params);
}

# Overwrites the header of a page while the server is down; returns how it was
sub damage_page
{
	my ($relation, $block) = @_;
	my $path = $node->data_dir . '/' . rows_of($node, 'menuca', "SELECT pg_relation_filepath('$relation')");
	my $was;

	cmp_ok(rows_of($node, 'menuca', "SELECT pg_relation_size('$relation') / 8192"), '>', $block, "$relation has that page");
	$node->stop;
	open my $file, '+<:raw', $path or die "$path: $!";
	seek $file, $block * 8192 + 10, 0;
	read $file, $was, 10;
	seek $file, $block * 8192 + 10, 0;
	print $file "\xff" x 10;
	close $file or die "$path: $!";
	$node->start;
	return [ $path, $block, $was ];
}

sub repair_page
{
	my ($path, $block, $was) = @{ $_[0] };

	$node->stop;
	open my $file, '+<:raw', $path or die "$path: $!";
	seek $file, $block * 8192 + 10, 0;
	print $file $was;
	close $file or die "$path: $!";
	$node->start;
	return;
}

note 'Without amcheck';

like(corruption(), qr/^NONE  references: .*; row_contents: .*; amcheck is not installed, so pages were not looked at$/, 'what was not looked at is said');

SKIP:
{
	my $heap = damage_page('menuca_v3.dishes', 1);

	like(corruption(), qr/^IMMEDIATE .*SQLSTATE XX00[12]/, 'a page of the dishes is damaged: the validation meets it');
	is(rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_rollback_advice()'), '11', 'the other triggers are judged all the same');
	repair_page($heap);
	like(corruption(), qr/^NONE /, 'the page is back');

	rows_of($node, 'menuca', q(DO $$ BEGIN IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') THEN EXECUTE 'CREATE SCHEMA "am ""check"; CREATE EXTENSION amcheck SCHEMA "am ""check"'; END IF; END $$));
	skip 'amcheck is not available', 5 if rows_of($node, 'menuca', q(SELECT count(*) FROM pg_extension WHERE extname = 'amcheck')) eq '0';
	note 'With amcheck';
	like(corruption(), qr/^NONE .*; amcheck: nothing in \d+ relations$/, 'all tables and indexes are whole');
	my $index = damage_page('menuca_v3.dishes_uuid_key', 1);
	like(corruption(), qr/^IMMEDIATE .*amcheck: menuca_v3\.dishes_uuid_key: invalid page/, 'a page of an index that no check reads is damaged');
	repair_page($index);
	$heap = damage_page('menuca_v3.courses', 0);
	like(corruption(), qr/^IMMEDIATE .*amcheck: menuca_v3\.courses: /, 'a page of a table that no check reads');
	repair_page($heap);
	like(corruption(), qr/^NONE .*; amcheck: nothing in \d+ relations$/, 'all is whole again');
	like(corruption(connstr => $node->connstr('menuca') . ' user=reader'), qr/^NONE .*amcheck: nothing in 0 relations, \d+ not looked at \(permission denied/, 'a role without rights on amcheck is told so');
}

note 'A reader';

is(rows_of($node, 'menuca', q(SELECT string_agg(trigger, ' ' ORDER BY trigger) FROM menuca_rollback_advice() WHERE advice = 'UNKNOWN'), connstr => $node->connstr('menuca') . ' user=reader'),
	'complaints errors orders_blocked p95 performance', 'what a reader cannot know is UNKNOWN, and nothing raises an error');

done_testing();
