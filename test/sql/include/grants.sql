-- What reading needs in the extension itself, for the role :role
SELECT statement FROM menuca_grants(:'role') WHERE statement ~ ' public\.menuca_' \gexec
