package studio

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
)

//go:embed assets templates
var files embed.FS

// assets are the style, the script and the icon. Their URL holds a hash of all
// of them, so that a browser may keep them for ever and still gets new ones.
type assets struct {
	hash  string
	files map[string][]byte
}

func readAssets() (assets, error) {
	a := assets{files: map[string][]byte{}}
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return a, err
	}
	sum := sha256.New()
	for _, e := range entries { // by name
		b, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			return a, err
		}
		a.files[e.Name()] = b
		_, _ = sum.Write(b) // a hash takes everything
	}
	a.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	return a, nil
}

// url is where a file is.
func (a assets) url(name string) string { return root + "/assets/" + a.hash + "/" + name }

// ServeHTTP sends a file. Under another version's hash it sends today's, which
// is better than none, and has it kept nowhere.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := a.files[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	media := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	w.Header().Set("Content-Type", media[path.Ext(r.PathValue("file"))])
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.PathValue("hash") == a.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(body)
}

// Styles are the URLs of the style sheets, the one of all pages first.
func (v *visit) Styles() []string {
	urls := []string{v.Asset("studio.css")}
	for _, name := range slices.Sorted(maps.Keys(v.assets.files)) {
		if path.Ext(name) == ".css" && name != "studio.css" {
			urls = append(urls, v.Asset(name))
		}
	}
	return urls
}

// Asset is the URL of a file, for templates.
func (v *visit) Asset(name string) string { return v.assets.url(name) }
