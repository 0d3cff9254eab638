/*-------------------------------------------------------------------------
 *
 * mysqldump_geometry.h
 *	  Geometries from their text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_GEOMETRY_H
#define MYSQLDUMP_GEOMETRY_H

#include "mysql/mysqldump_port.h"

/*
 * Replaces a geometry's text (WKT), from start to the buffer's end, by the bytes
 * that MySQL stores for it: the SRID 0 and the geometry in little-endian WKB.
 * Returns false if the text is not valid.
 */
extern bool mysqldump_encode_geometry(MysqldumpBuffer *text, size_t start);

#endif							/* MYSQLDUMP_GEOMETRY_H */
