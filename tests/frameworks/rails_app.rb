# Rails with the initializer FOLDER/text and the template FOLDER/page: FOLDER DIALECT.
require "json"
require "logger"
require "rails"
require "action_controller/railtie"

FOLDER = ARGV[0]

class App < Rails::Application
  config.eager_load = false
  config.consider_all_requests_local = true
  config.action_dispatch.show_exceptions = false
  config.logger = Logger.new($stderr)
  config.secret_key_base = "x" * 64
  config.hosts.clear
end

class PagesController < ActionController::Base
  def page
    render inline: File.read("#{FOLDER}/page")
  end

  def without
    render plain: "nothing"
  end
end

load "#{FOLDER}/text"
App.initialize!
App.routes.draw do
  get "/", to: "pages#page"
  get "/without", to: "pages#without"
end
["/", "/", "/without"].each do |path|
  _, headers, body = App.call(Rack::MockRequest.env_for("http://localhost#{path}"))
  text = +""
  body.each { |piece| text << piece }
  puts({ policy: headers["Content-Security-Policy"], body: text }.to_json)
end
