<?php
// Renders templates of PHP itself and, where it is installed, of Twig. The protocol is that of render.py. PHP's
// templates are written to a folder of their own, so that they can include each other with `__DIR__`.

if (stream_resolve_include_path('Twig/autoload.php')) {
    require 'Twig/autoload.php';
}

if (($argv[1] ?? '') === 'versions') {
    $twig = class_exists('Twig\Environment') ? ['twig-php' => Twig\Environment::VERSION] : [];
    echo json_encode(['php' => PHP_VERSION] + $twig);
    exit;
}

set_error_handler(function (int $severity, string $message) {
    throw new ErrorException($message);
});

/** Renders in a function, so that a template sees its own variables only. */
function render(string $path, array $variables): string
{
    extract($variables);
    ob_start();
    try {
        include $path;
    } catch (Throwable $error) {
        ob_end_clean();
        throw $error;
    }
    return ob_get_clean();
}

function twig(array $job): string
{
    $environment = new Twig\Environment(new Twig\Loader\ArrayLoader($job['sources']), $job['options']);
    foreach ($job['globals'] as $name => $value) {
        $environment->addFunction(new Twig\TwigFunction($name, fn () => $value));
    }
    return $environment->render($job['name'], $job['context']);
}

function php(array $job): string
{
    $folder = sys_get_temp_dir() . '/render-' . bin2hex(random_bytes(8));
    mkdir($folder);
    try {
        foreach ($job['sources'] as $name => $source) {
            file_put_contents("$folder/$name", $source);
        }
        return render("$folder/{$job['name']}", $job['globals'] + $job['context']);
    } finally {
        array_map('unlink', glob("$folder/*"));
        rmdir($folder);
    }
}

function result(array $job): array
{
    try {
        return ['output' => $job['engine'] === 'php' ? php($job) : twig($job)];
    } catch (Throwable $error) {
        return ['error' => get_class($error) . ': ' . $error->getMessage()];
    }
}

$jobs = json_decode(stream_get_contents(STDIN), true, flags: JSON_THROW_ON_ERROR);
echo json_encode(array_map('result', $jobs), JSON_THROW_ON_ERROR);
