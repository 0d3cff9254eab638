# shellcheck shell=sh
# queue.sh - the tests of a run, executed several at a time; to be sourced
#
# A job is one run of run_tests(): a test, or those of pg_regress that run with
# the same engine.  The queue is a file with one line for each: expected
# seconds, label, engine, names.  The worker that makes a job's directory below
# "claims" runs it; nothing else need be agreed on.

queue=$MENUCA_WORK/queue
claims=$MENUCA_WORK/claims
results=$MENUCA_WORK/results
logs=$MENUCA_WORK/log
# One more than there are processors, as many tests wait most of the time
jobs=${MENUCA_JOBS:-$(($(processors) + 1))}

# Where the times of earlier runs are, and that of which fixture the test passed
times=$MENUCA_KEPT/times

# Queues the tests of the suites, those that take longest first.
fill_queue()
{
	mkdir "$claims" "$logs"
	: >"$results"
	list_tests | while read -r name; do
		case " $suites " in
			*" $(suite_of "$name") "*) ;;
			*) continue ;;
		esac
		if [ "$name" = fixture ] && [ "$suites" = "$all_suites" ] && fixture_has_passed; then
			say "fixture: its files are those that passed already, so its test is not run." >&2
			continue
		fi
		for engine in $(engines_of "$name"); do
			case $name in
				sql/*|isolation/*) echo "$(label "${name%%/*}" "$engine") $engine $name" ;;
				*) echo "$(label "$name" "$engine") $engine $name" ;;
			esac
		done
	done >"$queue.names"
	touch "$times"
	awk '
		FILENAME != ARGV[3] { seconds[$1] = $2; next }
		{ names[$1 " " $2] = names[$1 " " $2] " " $3 }
		END {
			for (job in names) {
				split(job, part, " ")
				print (part[1] in seconds ? seconds[part[1]] : 5), job names[job]
			}
		}' test/times "$times" "$queue.names" | sort -k1,1nr -k2 >"$queue"
	total=$(awk 'END { print NR }' "$queue")
}

tell_queue()
{
	say "$total jobs, $jobs at a time, $(time_left); expected, in seconds:"
	awk '{ printf "%s %s%s", $2, $1, NR % 5 ? ", " : "\n" } END { if (NR % 5) print "" }' "$queue" | sed 's/, $//; s/^/  /'
}

# How long what has not ended yet will take, roughly: as expected, times what
# has ended took in comparison
time_left()
{
	awk -v jobs="$jobs" '
		FILENAME == ARGV[1] { took[$1] = $7; next }
		$2 in took { expected += $1; needed += took[$2]; next }
		{ sum += $1; if ($1 > longest) longest = $1 }
		END {
			s = sum / jobs > longest ? sum / jobs : longest
			if (expected > 0) s *= needed / expected
			if (s < 90) printf "about %d s", s; else printf "about %d min", s / 60 + 0.5
		}' "$results" "$queue"
}

work_off_queue()
{
	workers=
	worker=0
	while [ $worker -lt "$jobs" ] && [ $worker -lt "$total" ]; do
		worker=$((worker + 1))
		work_off $worker &
		workers="$workers $!"
	done
	for worker in $workers; do
		wait "$worker" || :
	done
}

# $1: number of the worker, which has a cluster of its own when it needs one
work_off()
{
	trap - EXIT INT TERM HUP
	cluster_choose "$MENUCA_WORK/cluster.$1"
	number=0
	while read -r weight job engine names <&3; do
		number=$((number + 1))
		if mkdir "$claims/$number" 2>/dev/null; then
			# shellcheck disable=SC2086 # a list of words
			run_job "$job" "$engine" $names 3<&- </dev/null
		fi
	done 3<"$queue"
}

run_job()
{
	job=$1
	engine=$2
	shift 2
	if uses_cluster "$(suite_of "$1")" && [ ! -d "$PGDATA" ]; then cluster_make; fi
	run_tests "$engine" "$logs/$job" "$@"
	alone tell_job
}

# Output of jobs that end at the same time is not mixed.
alone()
{
	until mkdir "$MENUCA_WORK/telling" 2>/dev/null; do sleep 0.1; done
	"$@"
	rmdir "$MENUCA_WORK/telling"
}

tell_job()
{
	echo "$job $suite $engine $passed $failed $skipped $seconds" >>"$results"
	if [ "$failed" -gt 0 ]; then
		say "---- $job failed (exit status $status)"
		cat "$out/excerpt"
		say "----"
	fi
	ended=$(awk 'END { print NR }' "$results")
	printf '%3d/%d ' "$ended" "$total"
	print_counts "$(title "${job%".$engine"}" "$engine")" "$([ "$ended" -eq "$total" ] || time_left)"
	grep -Ei '^(ok|1\.\.0).*# *skip|^[^ ]+ \.+ skipped: ' "$out/output" | sed 's/^/          /' | sort | uniq -c | sed 's/^ *1 //' | head -n 10
}

# Those of this run replace those of the same jobs.
remember_times()
{
	awk '
		FILENAME == ARGV[1] { seconds[$1] = $2; next }
		$5 == 0 { seconds[$1] = $7 }
		END { for (job in seconds) print job, seconds[job] }' "$times" "$results" | sort >"$times.new" &&
		mv "$times.new" "$times"
}

# Suites, failed tests, and the last line.  Fails unless all passed.
report()
{
	say ""
	awk '
		{
			title = $2 ($3 == "none" ? "" : " (" $3 ")")
			if (!(title in files)) order[++n] = title
			files[title]++; passed[title] += $4; failed[title] += $5; skipped[title] += $6; seconds[title] += $7
		}
		END {
			for (i = 1; i <= n; i++)
				printf "%-20s %5d passed %4d failed %4d skipped %5d s\n", order[i], passed[order[i]],
					failed[order[i]], skipped[order[i]], seconds[order[i]]
		}' "$results" | sort
	awk '$6 > 0 { skipped += $6 } END { if (skipped) print skipped " skipped" }' "$results"
	tell_failed
	tell_missing
	awk '{ passed += $4; failed += $5 } END {
		if (passed + failed == 0) failed = 1
		printf "%d passed, %d failed\n", passed, failed
		exit failed > 0
	}' "$results"
}

# A worker that died, for want of a cluster or of space, leaves jobs behind.
tell_missing()
{
	awk '
		FILENAME == ARGV[1] { ended[$1]; next }
		!($2 in ended) { print $2, "none", $3, 0, 1, 0, 0 }' "$results" "$queue" >"$queue.missing"
	awk '{ print "failed: " $1 ", which was not run to its end" }' "$queue.missing"
	cat "$queue.missing" >>"$results"
}

tell_failed()
{
	awk '$5 > 0 { print $1, $3 }' "$results" | while read -r job engine; do
		while read -r name; do
			say "failed: $(title "$name" "$engine"), see $logs/$job/output"
		done <"$logs/$job/failing"
	done
}
