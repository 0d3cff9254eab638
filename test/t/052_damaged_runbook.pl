
# What 050_damaged_ledger.pl tests, for the tables of tickets, people and receipts:
# many calls read them.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{MENUCA_DAMAGE_PART} = 'runbook';
do './test/t/050_damaged_ledger.pl';
die $@ if $@;
