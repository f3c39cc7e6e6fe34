package control

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/swaggest/swgui/v5/static"
)

// docsPath is where people read the API's document.
const docsPath = "/api/docs"

// ownDocs are our page, and what it adds to Swagger UI.
//
//go:embed docspage
var ownDocs embed.FS

// docsPolicy lets the page load its own files and call this API, and nothing
// else. Swagger UI sets styles by its script only, which needs no exception; the
// icons of its sheet are data.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docsAssets are the files of Swagger UI that the page names; the rest of what
// the package embeds is not served.
func docsAssets() []string {
	return []string{"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"}
}

// docsRoutes puts the page and its files on the mux.
func docsRoutes(mux *http.ServeMux) {
	serve := func(pattern string, files fs.FS, name string) {
		if b, err := fs.ReadFile(files, name); err == nil {
			mux.Handle("GET "+pattern, docsFile(name, b))
		}
	}
	serve(docsPath, ownDocs, "docspage/docs.html")
	for _, name := range []string{"docs.js", "docs.css"} {
		serve(docsPath+"/"+name, ownDocs, "docspage/"+name)
	}
	for _, name := range docsAssets() {
		serve(docsPath+"/"+name, static.FS, name)
		serve(docsPath+"/"+name, static.FS, name+".gz")
	}
}

// docsFile serves a file; one that is compressed goes out as it is to who takes that.
func docsFile(name string, body []byte) http.Handler {
	plain, compressed := strings.CutSuffix(name, ".gz")
	media := map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png",
	}[path.Ext(plain)]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("Content-Security-Policy", docsPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if !strings.HasSuffix(plain, ".html") {
			h.Set("Cache-Control", "public, max-age=3600") // the same for everybody
		}
		if compressed {
			h.Set("Vary", "Accept-Encoding")
		}
		switch {
		case compressed && !takesGzip(r.Header):
			if unpacked, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
				_, _ = io.Copy(w, unpacked) //nolint:gosec // it is compiled in, not sent by somebody
			}
			return
		case compressed:
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

// takesGzip reports whether the client names gzip, and not to refuse it.
func takesGzip(h http.Header) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, weight, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), ";")
		if strings.EqualFold(coding, "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(weight, "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}
