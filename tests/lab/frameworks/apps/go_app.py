"""A Go program with the variable TEXT: TEXT FOLDER [DIALECT], paths as JSON on standard input."""

import subprocess
import sys
import tempfile
from pathlib import Path

# What the text may use and need not import itself.
HEAD = 'package main\n\nimport "github.com/unrolled/secure"\n\n'
PROGRAM = """package main

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/unrolled/secure"
)

func main() {
	folder, rendered := os.Args[1], len(os.Args) > 2
	routes := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rendered && r.URL.Path == "/" {
			page := template.Must(template.ParseFiles(filepath.Join(folder, "page")))
			page.Execute(w, struct{ Nonce string }{secure.CSPNonce(r.Context())})
		} else if content, err := os.ReadFile(filepath.Join(folder, r.URL.Path)); err == nil {
			w.Write(content)
		} else {
			http.Error(w, "nothing", 404)
		}
	})
	var paths []string
	json.NewDecoder(os.Stdin).Decode(&paths)
	for _, path := range paths {
		w := httptest.NewRecorder()
		contentSecurityPolicy.Handler(routes).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		headers := [][2]string{}
		for name, values := range w.Header() {
			for _, value := range values {
				headers = append(headers, [2]string{name, value})
			}
		}
		json.NewEncoder(os.Stdout).Encode(map[string]any{
			"path": path, "status": w.Code, "headers": headers, "body": w.Body.String(),
		})
	}
}
"""

text, *arguments = sys.argv[1:]
with tempfile.TemporaryDirectory() as work:
    program, policy = Path(work, "main.go"), Path(work, "policy.go")
    program.write_text(PROGRAM)
    policy.write_text(HEAD + Path(text).read_text())
    sys.exit(subprocess.run(["go", "run", program, policy, *arguments]).returncode)
