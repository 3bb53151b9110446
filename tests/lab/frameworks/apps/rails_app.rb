# Rails with the initializer TEXT: TEXT FOLDER [DIALECT], paths as JSON on standard input.
require "json"
require "logger"
require "rails"
require "action_controller/railtie"

TEXT, FOLDER, DIALECT = ARGV

class App < Rails::Application
  config.eager_load = false
  config.consider_all_requests_local = true
  config.action_dispatch.show_exceptions = false
  config.logger = Logger.new($stderr)
  config.secret_key_base = "x" * 64
  config.hosts.clear
end

class PagesController < ActionController::Base
  def template
    render inline: File.read("#{FOLDER}/page")
  end

  def file
    name = "#{FOLDER}/#{CGI.unescape(request.path.gsub("+", "%2B"))}"
    return render(plain: "nothing", status: 404) unless File.file?(name)

    name.include?(".htm") ? render(html: File.read(name).html_safe) : render(plain: File.read(name))
  end
end

load TEXT
App.initialize!
App.routes.draw do
  root to: DIALECT ? "pages#template" : "pages#file"
  get "*path", to: "pages#file", format: false
end
JSON.parse($stdin.read).each do |path|
  status, headers, parts = App.call(Rack::MockRequest.env_for("http://localhost#{path}"))
  body = +""
  parts.each { |part| body << part.dup.force_encoding("UTF-8").scrub }
  parts.close if parts.respond_to?(:close)
  puts({ path: path, status: status, headers: headers.to_a, body: body }.to_json)
end
