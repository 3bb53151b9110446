// Renders templates with html/template. The protocol is that of render.py; the standard library is all it needs.
package main

import (
	"encoding/json"
	"html/template"
	"os"
	"runtime"
	"sort"
	"strings"
)

type job struct {
	Name    string
	Sources map[string]string
	Globals map[string]any
	Context map[string]any
}

type result struct {
	Output *string `json:"output,omitempty"`
	Error  string  `json:"error,omitempty"`
}

// What a program declares as safe, which html/template otherwise escapes.
var functions = template.FuncMap{
	"safeAttr": func(s string) template.HTMLAttr { return template.HTMLAttr(s) },
	"safeCSS":  func(s string) template.CSS { return template.CSS(s) },
	"safeHTML": func(s string) template.HTML { return template.HTML(s) },
	"safeJS":   func(s string) template.JS { return template.JS(s) },
	"upper":    strings.ToUpper,
}

// The template to render comes last, so that its definitions are the ones that hold.
func inOrder(j job) []string {
	names := []string{}
	for name := range j.Sources {
		if name != j.Name {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return append(names, j.Name)
}

func render(j job) (string, error) {
	set := template.New("").Funcs(functions)
	for _, name := range inOrder(j) {
		if _, err := set.New(name).Parse(j.Sources[name]); err != nil {
			return "", err
		}
	}
	data := map[string]any{}
	for _, variables := range []map[string]any{j.Globals, j.Context} {
		for key, value := range variables {
			data[key] = value
		}
	}
	var out strings.Builder
	err := set.ExecuteTemplate(&out, j.Name, data)
	return out.String(), err
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	if len(os.Args) > 1 && os.Args[1] == "versions" {
		_ = encoder.Encode(map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go")})
		return
	}
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		panic(err)
	}
	results := []result{}
	for _, j := range jobs {
		output, err := render(j)
		if err != nil {
			results = append(results, result{Error: err.Error()})
		} else {
			results = append(results, result{Output: &output})
		}
	}
	if err := encoder.Encode(results); err != nil {
		panic(err)
	}
}
