
# What 050_damaged_ledger.pl tests, for the tables that access is planned from and
# undone by: they have most of the calls, and these take longest.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{MENUCA_DAMAGE_PART} = 'access';
do './test/t/050_damaged_ledger.pl';
die $@ if $@;
