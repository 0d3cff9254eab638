/*-------------------------------------------------------------------------
 *
 * revoke.c
 *	  Taking away what default privileges gave on a new object: see revoke.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/query.h"
#include "base/revoke.h"

/* Of an ACL: each grantee but the owner, as REVOKE names him. */
#define GRANTEES(acl, owner) \
	"(SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS name" \
	" FROM aclexplode(" acl ") a WHERE a.grantee <> " owner ") g"

static void revoke(const char *sql, Oid object);


void
revoke_table_from_others(Oid relid)
{
	revoke("SELECT format('REVOKE ALL ON %s %I.%I FROM %s',"
		   " CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, g.name)"
		   " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,"
		   " LATERAL " GRANTEES("c.relacl", "c.relowner")
		   " WHERE c.oid = $1 OR c.relkind = 'S' AND c.oid IN (SELECT d.objid FROM pg_depend d"
		   " WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
		   " AND d.refobjid = $1 AND d.deptype IN ('a', 'i'))", relid);
}

void
revoke_schema_from_others(Oid schema)
{
	revoke("SELECT format('REVOKE ALL ON SCHEMA %I FROM %s', n.nspname, g.name)"
		   " FROM pg_namespace n, LATERAL " GRANTEES("n.nspacl", "n.nspowner")
		   " WHERE n.oid = $1", schema);
}

/* Executes the statements that a query for the object returns. */
static void
revoke(const char *sql, Oid object)
{
	QueryArgs	args = {0};
	List	   *statements;
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(object), false);
	query_begin_snapshot();
	statements = query_texts(sql, &args);
	query_end_snapshot();
	foreach(lc, statements)
		query_write(lfirst(lc), NULL, NULL, NULL);
}
