
=pod

=head1 NAME

MenucaBrowser - an HTML page as a browser shows it

=head1 DESCRIPTION

Chromium without a window opens a page inside a frame of a page of ours, which
measures it and writes down what it found.

=cut

package MenucaBrowser;

use strict;
use warnings;

use Exporter 'import';
use File::Copy ();
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

our @EXPORT = qw(browser look picture paper);

=pod

=item browser()

The browser's program; undef when there is none.

=cut

sub browser
{
	foreach my $name ($ENV{MENUCA_BROWSER} // (), qw(chromium chromium-browser google-chrome))
	{
		foreach my $directory ($name =~ m{/} ? '' : split /:/, $ENV{PATH})
		{
			my $path = $directory eq '' ? $name : "$directory/$name";

			return $path if -x $path;
		}
	}
	return;
}

# Opens a file; returns what is printed, and what is logged.
sub open_file
{
	my ($file, %how) = @_;
	my ($out, $err) = ('', '');
	my $tmp = $PostgreSQL::Test::Utils::tmp_check;

	# The page may ask nobody for anything; what the browser wants for itself fails, too
	IPC::Run::run([ browser(), qw(--headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --disable-sync --disable-extensions
				--disable-background-networking --disable-component-update --disable-default-apps --enable-logging=stderr),
			'--host-resolver-rules=MAP * ~NOTFOUND', "--user-data-dir=$tmp/browser", "--log-net-log=$tmp/net.json",
			'--blink-settings=preferredColorScheme=' . (($how{scheme} // 'light') eq 'dark' ? 0 : 1),
			@{ $how{options} }, "file://$file" ],
		'>', \$out, '2>', \$err,
		init => sub { $ENV{HOME} = $tmp; $ENV{XDG_CONFIG_HOME} = "$tmp/browser" },
		IPC::Run::timeout(600))
	  or die "the browser failed: $err";
	return ($out, $err);
}

# The width below which Chromium makes no window
my $narrowest = 500;

# What is measured: a function of the window of the page
my $measure = <<'SCRIPT';
function channel(c) { c /= 255; return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); }
function luminance(c) { return 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]); }
function colour(text) { return (text.match(/[\d.]+/g) || []).map(Number); }
function measure(w) {
	const d = w.document, root = d.documentElement, found = { cut: [], contrast: [], overlaps: [], tags: {}, attributes: {}, ids: {}, tables: {}, lowest: 99, texts: 0 };
	const width = root.clientWidth;
	const background = e => { for (; e; e = e.parentElement) { const c = colour(w.getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
	for (const e of d.querySelectorAll('*')) {
		found.tags[e.tagName.toLowerCase()] = 1;
		for (const a of e.attributes) found.attributes[a.name] = 1;
		if (e.id) found.ids[e.id] = (found.ids[e.id] || 0) + 1;
		if (e.closest('thead') && w.getComputedStyle(e.closest('thead')).position === 'absolute') continue;
		const clipped = e.closest('svg svg:not(.point)');
		const r = e.getBoundingClientRect();
		if (!clipped && !e.closest('head') && r.width > 0 && (r.right > width + 1 || r.left < -1)) found.cut.push(e.tagName + ' ' + e.className + ' ' + Math.round(r.right) + ' ' + e.textContent.slice(0, 40));
		for (const t of e.childNodes) {
			if (t.nodeType !== 3 || !t.data.trim() || ['STYLE', 'style', 'TITLE', 'title', 'desc'].includes(e.tagName)) continue;
			const style = w.getComputedStyle(e);
			const ink = colour(e.namespaceURI.endsWith('svg') ? style.fill : style.color);
			const a = luminance(ink), b = luminance(background(e));
			const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
			found.texts++;
			found.lowest = Math.min(found.lowest, ratio);
			if (ratio < 4.5) found.contrast.push(ratio.toFixed(2) + ' ' + e.tagName + ' ' + e.className + ' ' + t.data.slice(0, 40));
		}
	}
	for (const s of d.querySelectorAll('figure > svg')) {
		const boxes = [...s.querySelectorAll('text')].map(t => { const r = t.getBoundingClientRect(), p = t.parentElement.tagName === 'svg' && t.parentElement !== s ? t.parentElement.getBoundingClientRect() : r;
			return { text: t.textContent, left: r.left, right: t.closest('svg svg:not(.point)') ? Math.min(r.right, s.getBoundingClientRect().left + 0.66 * s.getBoundingClientRect().width) : r.right, top: r.top, bottom: r.bottom }; });
		for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
			const a = boxes[i], b = boxes[j];
			if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) found.overlaps.push(a.text + ' / ' + b.text);
		}
		const names = (s.getAttribute('aria-labelledby') || '').split(' ').map(i => d.getElementById(i)).filter(n => n && n.textContent.trim());
		if (s.getAttribute('role') !== 'img' || names.length !== 2) (found.nameless = found.nameless || []).push(s.outerHTML.slice(0, 100));
	}
	for (const t of d.querySelectorAll('table')) {
		const rows = [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent.trim()));
		found.tables[t.caption.textContent] = rows;
	}
	found.sections = [...d.querySelectorAll('section')].map(s => s.id);
	found.missing = [...d.querySelectorAll('.missing')].map(m => [m.parentElement.id, m.textContent]);
	found.words = [...d.querySelectorAll('.verdict .word')].map(x => x.textContent);
	found.heading = d.querySelector('h1').textContent;
	found.title = d.title;
	found.call = d.querySelector('#verdict pre code') ? d.querySelector('#verdict pre code').textContent : null;
	found.width = width;
	found.scrollWidth = root.scrollWidth;
	found.height = root.scrollHeight;
	found.requests = w.performance.getEntriesByType('resource').map(r => r.name);
	return found;
}
SCRIPT

=pod

=item look($html, $scheme, @widths)

For each of the widths, a hash of what a browser shows of the page in that width and colour
scheme.  It is started once; what it logs and asks for is in each hash.

=cut

sub look
{
	my ($html, $scheme, @widths) = @_;
	my $quoted = $html =~ s/&/&amp;/gr =~ s/"/&quot;/gr;
	my $frames = join "\n", map { qq{<iframe style="border:0;width:${_}px;height:4000px" srcdoc="$quoted"></iframe>} } @widths;
	my $file = write_file('measured.html', <<"HTML");
<!DOCTYPE html><html><head><meta charset="utf-8"><title>measured</title></head><body>
$frames<pre></pre>
<script>
$measure
window.onload = () => {
	const frames = [...document.querySelectorAll('iframe')];
	const text = JSON.stringify(frames.map(f => measure(f.contentWindow)));
	frames.forEach(f => f.remove());
	document.querySelector('pre').textContent = 'FOUND' + btoa(unescape(encodeURIComponent(text))) + 'END';
};
</script></body></html>
HTML
	my ($out, $err) = open_file($file, scheme => $scheme, options => [ '--window-size=1400,1000', '--dump-dom' ]);
	my ($found) = $out =~ /FOUND([\w+\/=]+)END/ or die "nothing was measured: $err";

	require MIME::Base64;
	my @found = @{ decode_json(MIME::Base64::decode_base64($found)) };
	my @console = $err =~ /^.*CONSOLE.*$/mg;
	# What the browser asks for itself is left out
	my @urls = grep { !m{^(?:https?://[\w.-]+\.(?:google|googleapis|gstatic|gvt1)\.com[/:]|file://|chrome|devtools|data:|about:)} }
	  slurp_file("$PostgreSQL::Test::Utils::tmp_check/net.json") =~ /"url":"([^"]*)"/g;

	@$_{qw(console urls)} = (\@console, \@urls) foreach @found;
	return @found;
}

=pod

=item picture($html, $name, $width, $height, $scheme)

A screenshot in the test's directory; returns its width and height in pixels.  Where C<MENUCA_PICTURES> names
a directory, the page and the screenshot are copied there, and so are those of paper().

=cut

sub picture
{
	my ($html, $name, $width, $height, $scheme) = @_;
	my $tmp = $PostgreSQL::Test::Utils::tmp_check;
	my $quoted = $html =~ s/&/&amp;/gr =~ s/"/&quot;/gr;
	my $window = $width < $narrowest ? $narrowest : $width;

	# In a frame, since no window is as narrow as a telephone
	write_file("$name.html", $html);
	open_file(write_file('framed.html', qq{<!DOCTYPE html><body style="margin:0"><iframe style="border:0;width:${width}px;height:${height}px" srcdoc="$quoted"></iframe>}),
		scheme => $scheme, options => [ "--window-size=$window,$height", "--screenshot=$tmp/$name.png" ]);
	keep($name, qw(html png));

	# The header of a PNG begins with these
	my (undef, $w, $h) = unpack 'A16 N N', slurp_file("$tmp/$name.png");
	return ($w, $h);
}

=pod

=item paper($html, $name)

A PDF in the test's directory; returns the sizes of its pages, in points.

=cut

sub paper
{
	my ($html, $name) = @_;
	my $file = write_file("$name.html", $html);
	my $tmp = $PostgreSQL::Test::Utils::tmp_check;

	open_file($file, options => [ "--print-to-pdf=$tmp/$name.pdf", '--no-pdf-header-footer' ]);
	keep($name, qw(pdf));
	return map { join 'x', map { int($_ + 0.5) } split ' ' } slurp_file("$tmp/$name.pdf") =~ /\/MediaBox \[0 0 ([\d.]+ [\d.]+)\]/g;
}

sub keep
{
	my ($name, @kinds) = @_;

	return if ($ENV{MENUCA_PICTURES} // '') eq '';
	File::Copy::copy("$PostgreSQL::Test::Utils::tmp_check/$name.$_", "$ENV{MENUCA_PICTURES}/$name.$_") or die "could not copy $name.$_: $!" foreach @kinds;
	return;
}

1;
