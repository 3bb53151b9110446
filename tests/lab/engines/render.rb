# Renders templates with ERB and with Liquid, where that is installed. The protocol is that of render.py.
# An ERB template calls `render(template, locals)` for another one.

require "erb"
require "json"
begin
  require "liquid"
rescue LoadError
  # Not installed: `versions` leaves it out.
end

class View
  include ERB::Util

  def initialize(sources, variables, options)
    @sources = sources
    @variables = variables
    @trim_mode = options.fetch("trim_mode", "-")
  end

  def render(template, locals = {})
    scope = binding
    @variables.merge(locals).each { |key, value| scope.local_variable_set(key, value) }
    ERB.new(@sources.fetch(template), trim_mode: @trim_mode).result(scope)
  end
end

# What Liquid reads included templates from.
Sources = Struct.new(:sources) do
  def read_template_file(name)
    sources.fetch(name)
  end
end

def liquid(job)
  template = Liquid::Template.parse(job["sources"].fetch(job["name"]), error_mode: :strict)
  registers = { file_system: Sources.new(job["sources"]) }
  variables = job["globals"].merge(job["context"])
  template.render!(
    Liquid::Context.build(
      environments: variables, static_environments: job["globals"], registers: registers, rethrow_errors: true
    )
  )
end

def erb(job)
  View.new(job["sources"], job["globals"].merge(job["context"]), job["options"]).render(job["name"])
end

def versions
  found = { "erb" => "#{ERB.version[/\d[\d.]*/]} (Ruby #{RUBY_VERSION})" }
  found["liquid-ruby"] = Liquid::VERSION if defined?(Liquid)
  found
end

def result(job)
  { output: job["engine"] == "erb" ? erb(job) : liquid(job) }
rescue StandardError, ScriptError => error
  { error: "#{error.class}: #{error.message}" }
end

if ARGV == ["versions"]
  puts JSON.generate(versions)
else
  puts JSON.generate(JSON.parse($stdin.read).map { |job| result(job) })
end
