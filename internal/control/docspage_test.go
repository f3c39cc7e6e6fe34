package control

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestTheDocumentationPageLoadsItsOwnFilesOnly(t *testing.T) {
	h := New(newWorld().settings())
	page := ask(t, h, "", "GET", docsPath, "")
	if page.Code != 200 || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatal(page.Code, page.Header())
	}
	text := page.Body.String()
	for _, inline := range []string{`<script>`, `<style`, `style=`, `onload`, `javascript:`, "http:", "https:"} {
		if strings.Contains(text, inline) {
			t.Errorf("the page has %s in it", inline)
		}
	}
	named := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(text, -1)
	if len(named) != 6 {
		t.Errorf("%q", named)
	}
	for _, n := range named {
		out := ask(t, h, "", "GET", n[1], "")
		media, _, err := mime.ParseMediaType(out.Header().Get("Content-Type"))
		want := map[string]string{".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".json": "application/openapi+json"}[path.Ext(n[1])]
		if out.Code != 200 || err != nil || media != want || out.Body.Len() == 0 || out.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %s, %d bytes", n[1], out.Code, media, out.Body.Len())
		}
		if want != "application/openapi+json" && out.Header().Get("Content-Security-Policy") != docsPolicy {
			t.Errorf("%s has the policy %s", n[1], out.Header().Get("Content-Security-Policy"))
		}
	}
	policy := page.Header().Get("Content-Security-Policy")
	if policy != docsPolicy || strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Error(policy)
	}
}

func TestAFileOfTheDocumentationIsPackedOnlyForWhoUnpacksIt(t *testing.T) {
	h := New(newWorld().settings())
	const file = docsPath + "/swagger-ui-bundle.js"
	plain := ask(t, h, "", "GET", file, "").Body.Bytes()
	if !bytes.Contains(plain, []byte("SwaggerUIBundle")) {
		t.Fatalf("%d bytes: %.80q", len(plain), plain)
	}
	for accept, packed := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "deflate,gzip": true, "gzip;q=0": false, "identity": false, "": false, "x-gzipped": false, "gzip; q=nonsense": true,
	} {
		out := ask(t, h, "", "GET", file, "", with("Accept-Encoding", accept))
		got := out.Body.Bytes()
		if (out.Header().Get("Content-Encoding") == "gzip") != packed || out.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", accept, out.Header())
			continue
		}
		if packed {
			r, err := gzip.NewReader(out.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, plain) {
			t.Errorf("%q: %d bytes, want %d", accept, len(got), len(plain))
		}
	}
}

func TestNothingElseStandsBelowTheDocumentation(t *testing.T) {
	h := New(newWorld().settings())
	for _, p := range []string{"/", "/swagger-ui.js", "/oauth2-redirect.html", "/docs.html", "/swagger-ui.css.gz", "/embed.go", "/..%2f..%2fdocspage.go", "/docspage/docs.js"} {
		if out := ask(t, h, "operator", "GET", docsPath+p, ""); out.Code != http.StatusNotFound {
			t.Errorf("%s: %d", p, out.Code)
		}
	}
	if out := ask(t, h, "operator", "POST", docsPath, ""); out.Code/100 == 2 {
		t.Errorf("POST: %d", out.Code)
	}
}
